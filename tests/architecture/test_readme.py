"""The README says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

from refunds.chart import mermaid

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


class TestReadme:
    def test_shows_the_life_that_the_code_draws(self) -> None:
        assert f"```mermaid\n{mermaid()}\n```" in README

    def test_names_only_commands_that_exist(self) -> None:
        named = set(re.findall(r"manage\.py (\w+)", README))

        assert named
        assert named <= set(get_commands())

    def test_shows_pictures_that_exist(self) -> None:
        pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)

        assert pictures
        assert all((Path(__file__).parents[2] / picture).is_file() for picture in pictures)
