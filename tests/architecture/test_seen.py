"""Every page is looked at with axe by some test; one that is new must say by which."""

from __future__ import annotations

from pathlib import Path

from tests.browser.seen import HERE, no_pages, seen_elsewhere

from .access_table import TABLE
from .addresses import patterns

BROWSER = Path(__file__).parents[1] / "browser"
ASKS_AXE = ("complaints(", "problems(", "axe_violations(")


class TestPages:
    def test_are_each_looked_at_by_a_test(self) -> None:
        routes = {name: route for name, route, _ in patterns()}
        gets = {line.split()[1] for line in TABLE.splitlines() if line.startswith("GET ")}
        pages = {name for name in gets if not routes[name].startswith("api/v1/")}

        assert pages - (seen_elsewhere().keys() | HERE.keys() | no_pages()) == set(), "Enter them in browser/seen.py."
        assert (seen_elsewhere().keys() | HERE.keys() | no_pages()) - gets == set(), "These addresses are gone."

    def test_are_looked_at_once(self) -> None:
        assert seen_elsewhere().keys() & HERE.keys() == set()
        assert (seen_elsewhere().keys() | HERE.keys()) & no_pages() == set()

    def test_have_a_test_that_asks_axe(self) -> None:
        modules = {BROWSER / f"{module}.py" for module in seen_elsewhere().values()}

        assert [module.name for module in modules if not any(word in module.read_text() for word in ASKS_AXE)] == []
