"""The pages for people say what the code does."""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.environment import Environment
from refunds.chart import mermaid

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
APPS = ("refunds", "policies", "approvals", "evidence", "analytics", "config", "tests")
PAGES = sorted(
    page.relative_to(PROJECT)
    for place in (*APPS, ".github")
    for page in (PROJECT / place).rglob("*.md")
    if "vendor" not in page.parts
)
ONE_SCREEN = 60
TICKED = re.compile(r"`([a-z_]+/(?:[a-z_*]+/)*(?:[a-z_*]+\.[a-z]+)?|[a-z_*]+\.py)`")
"""A folder, or a file of Python, as pages name them."""


def anchors(page: Path) -> set[str]:
    """Name the headings of a page as its addresses have them."""
    titles = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class TestReadme:
    def test_shows_the_life_that_the_code_draws(self) -> None:
        assert f"```mermaid\n{mermaid()}\n```" in README

    def test_shows_pictures_that_exist(self) -> None:
        pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)

        assert pictures
        assert all((PROJECT / picture).is_file() for picture in pictures)

    def test_numbers_its_decisions_without_a_gap(self) -> None:
        log = README.partition("## Decision log")[2].partition("\n## ")[0]
        numbers = [int(number) for number in re.findall(r"(?m)^(\d+)\. \*\*", log)]

        assert numbers == list(range(1, len(numbers) + 1))


class TestConfiguration:
    TABLE = README.partition("## Configuration")[2].partition("\n## ")[0]
    ROWS = [line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("| `")]
    DEFAULTS = {
        name: default
        for names, defaults, *_ in ROWS
        for name, default in zip_longest(re.findall(r"`([A-Z_]+)`", names), re.findall(r"`([^`]*)`", defaults))
        if name
    }

    def test_has_a_line_for_every_setting(self) -> None:
        settings = {name.upper() for name in Environment.model_fields}

        assert settings - self.DEFAULTS.keys() == {"TEST_DB_SUFFIX"}
        assert self.DEFAULTS.keys() - settings == {"NAME_FILE", "NO_BROWSER", "EMPTY"}

    def test_names_the_secrets_that_files_may_hold(self) -> None:
        told = next(row[2] for row in self.ROWS if "NAME_FILE" in row[0])

        assert re.findall(r"`([A-Z_]+)`", told) == [name.upper() for name in Environment.SECRETS]

    def test_says_the_numbers_that_hold(self) -> None:
        numbers = {
            name.upper(): str(field.default)
            for name, field in Environment.model_fields.items()
            if type(field.default) is int
        }

        assert {name: self.DEFAULTS[name] for name in numbers} == numbers


class TestPages:
    @pytest.mark.parametrize("page", [Path("README.md"), *PAGES], ids=str)
    def test_name_only_commands_that_exist(self, page: Path) -> None:
        assert set(re.findall(r"manage\.py (\w+)", (PROJECT / page).read_text(encoding="utf-8"))) <= set(get_commands())

    @pytest.mark.parametrize("page", [Path("README.md"), Path("CHANGELOG.md"), *PAGES], ids=str)
    def test_lead_to_what_exists(self, page: Path) -> None:
        here = PROJECT / page
        links = re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)", here.read_text(encoding="utf-8"))
        targets = [((here.parent / path) if path else here, anchor[1:]) for path, anchor in links]

        assert [str(target) for target, _ in targets if not target.exists()] == []
        assert [anchor for target, anchor in targets if anchor and anchor not in anchors(target)] == []


class TestContributing:
    TEXT = (PROJECT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")

    def test_names_only_tests_and_files_that_exist(self) -> None:
        told = re.findall(r"(?:tests|refunds|policies|analytics|config|templates)/[\w/.-]*\w", self.TEXT)

        assert len(told) > 30
        assert [one for one in told if "NAME" not in one and not (PROJECT / one).exists()] == []


class TestAppPages:
    @pytest.mark.parametrize("page", [page for page in PAGES if page.name == "README.md"], ids=str)
    def test_fit_on_one_screen(self, page: Path) -> None:
        assert len((PROJECT / page).read_text(encoding="utf-8").splitlines()) <= ONE_SCREEN

    @pytest.mark.parametrize("app", APPS)
    def test_name_only_files_and_folders_that_exist(self, app: str) -> None:
        """By their place in the app; beside a folder that was named before, also by their bare name."""
        named = TICKED.findall((PROJECT / app / "README.md").read_text(encoding="utf-8"))

        assert [one for one in named if not list((PROJECT / app).glob(one.rstrip("/"))) and not _beside(app, one)] == []


def _beside(app: str, name: str) -> bool:
    return bool(list(PROJECT.glob(name.rstrip("/"))) or list((PROJECT / app).glob(f"*/{name}")))
