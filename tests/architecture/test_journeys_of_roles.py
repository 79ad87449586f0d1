"""Each role has a whole job by keyboard alone and one without JavaScript, shown by tests that do what they say."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from approvals.roles import ROLES
from tests.browser.journeys_of_roles import JOURNEYS
from tests.harness.people import STORIES

BROWSER: Final = Path(__file__).parents[1] / "browser"
NO_PEOPLE_OF_THEIR_OWN: Final = {"manager", "director", "service"}
"""The first two sign as approvers do, with other limits; a service account opens no page."""

NO_KEYS: Final = re.compile(r"\.(?:click|dblclick|check|uncheck|fill|focus|hover|tap|select_option|set_checked)\(")
"""What Playwright does for somebody who has more than a keyboard."""


@cache
def bodies_of(module: str) -> dict[str, str]:
    """Read what each test of a module says, under its class and name."""
    source = (BROWSER / f"{module}.py").read_text(encoding="utf-8")
    return {
        f"{one.name}::{test.name}": ast.get_source_segment(source, test) or ""
        for one in ast.parse(source).body
        if isinstance(one, ast.ClassDef)
        for test in one.body
        if isinstance(test, ast.FunctionDef)
    }


def body_of(named: str) -> str:
    """Read a test that the table names; one that is gone is empty."""
    module, _, test = named.partition("::")
    return bodies_of(module).get(test, "")


def roles_in(body: str) -> set[str]:
    """Find the roles of the people whom a test settles."""
    return {role for name in re.findall(r'settle\("(\w+)"\)', body) for role in STORIES[name].roles}


class TestTheTable:
    def test_names_every_role_that_people_have(self) -> None:
        assert JOURNEYS.keys() == ROLES.keys() - NO_PEOPLE_OF_THEIR_OWN

    @pytest.mark.parametrize("role", JOURNEYS)
    def test_names_a_job_on_keys_alone(self, role: str) -> None:
        body = body_of(JOURNEYS[role].by_keyboard)

        assert "page.keyboard.press(" in body
        assert NO_KEYS.findall(body) == []
        assert role in roles_in(body)

    @pytest.mark.parametrize("role", JOURNEYS)
    def test_names_a_job_without_a_script(self, role: str) -> None:
        body = body_of(JOURNEYS[role].without_script)

        assert "java_script_enabled=False" in body or "plain(page_as, " in body
        assert role in roles_in(body)
