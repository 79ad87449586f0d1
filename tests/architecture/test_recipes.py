"""The recipes for newcomers name files, words and commands that exist."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.test_asvs import names_in

ROOT: Final = Path(__file__).parents[2]
HOME: Final = ROOT / ".github"
PAGE: Final = (HOME / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES: Final = dict(re.findall(r"^## (A new .+?)\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
CODE: Final = ("*.py", "*.html", "*.json", "*.md", "*.po", "Makefile", "Dockerfile")
APART: Final = (".git", ".venv", "var", "node_modules")

FILES: Final = sorted(
    str(file.relative_to(ROOT))
    for pattern in CODE
    for file in ROOT.rglob(pattern)
    if file.relative_to(ROOT).parts[0] not in APART
)
PLACEHOLDER: Final = "NAME"
"""What stands for the newcomer's own word."""

ELSEWHERE: Final = frozenset({"manage.py", "make run", "KeyError", "makemigrations --check", "NAME_FILE"})
"""Words of Python, of Django, of the shell and of the README."""


def tokens(text: str) -> list[str]:
    """List what stands between single backticks, without the blocks of commands."""
    return re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def is_path(token: str) -> bool:
    """Tell a file or a folder from a word."""
    return bool(re.fullmatch(r"[\w.*/-]+(::\w+)*", token)) and (
        "/" in token or token.endswith((".py", ".html", ".md", "file"))
    )


def files_of(token: str) -> list[str]:
    """Find what a token may mean: a path may begin anywhere below the project."""
    path = token.partition("::")[0].replace(PLACEHOLDER, "*")
    pattern = f"{path}*" if path.endswith("/") else path
    return [file for file in FILES if fnmatch(f"/{file}", f"*/{pattern}")]


PATHS: Final = sorted({token for text in RECIPES.values() for token in tokens(text) if is_path(token)})
COMMANDS: Final = sorted(
    {line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()}
)
LINKS: Final = sorted(set(re.findall(r"\]\(([^)#]+)\)", PAGE)))


class TestTheRecipes:
    def test_are_four(self) -> None:
        assert list(RECIPES) == [
            "A new gateway (somebody who moves money)",
            "A new format of statements",
            "A new rule of policies",
            "A new chart on the leakage dashboard",
        ]

    @pytest.mark.parametrize("path", PATHS)
    def test_name_files_that_exist(self, path: str) -> None:
        found = files_of(path)

        assert found, f"Nothing is called {path}."
        inside = path.partition("::")[2]
        names = {name for file in found if inside for name in names_in(ROOT / file)}
        assert not inside or any(name == inside or name.startswith(f"{inside}::") for name in names)

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_name_words_that_stand_in_the_files_they_name(self, recipe: str) -> None:
        named = tokens(RECIPES[recipe])
        texts = [
            (ROOT / file).read_text(encoding="utf-8")
            for file in {file for token in named if is_path(token) for file in files_of(token)}
        ]

        words = {token for token in named if re.fullmatch(r"[A-Za-z_][\w.]*(\(\))?", token)} - set(PATHS) - ELSEWHERE
        last = {word: word.removesuffix("()").rpartition(".")[2] for word in words}
        assert {word for word in words if not any(last[word] in text for text in texts)} == set()

    @pytest.mark.parametrize("link", LINKS)
    def test_lead_to_pages(self, link: str) -> None:
        assert (HOME / link).exists()


class TestTheCommands:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_can_be_typed(self, command: str) -> None:
        program, *words = command.partition("#")[0].split()
        if program == "make":
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words)
            return
        assert program in {".venv/bin/pytest", ".venv/bin/python"}
        paths = [word for word in words if "/" in word]
        assert paths
        for path in paths:
            assert (ROOT / path).exists() or (PLACEHOLDER in path and files_of(path))
