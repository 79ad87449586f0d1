"""What an address hears in a method that its row does not have: HEAD as GET, everything else never done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.people import settle

from .access_table import rows
from .samples import Sample
from .walking import ROUTES, Walk, one_of_each, other_methods

if TYPE_CHECKING:
    from tests.harness.world import World

NOT_DONE = {302, 401, 403, 404, 405}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestAnotherMethod:
    def test_head_is_get_without_a_body(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))

        assert walk.faults(("HEAD", name, one_of_each(told)) for method, name, told in rows() if method == "GET") == []

    def test_that_pages_do_not_know_is_refused_to_everybody_alike(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))
        pages = {name for _, name, _ in rows() if not ROUTES[name].startswith(("api/", "mcp", "webhooks/", "^"))}

        refused = dict.fromkeys(walk.clients, 405)

        assert walk.faults(("OPTIONS", name, refused) for name in sorted(pages)) == []

    def test_options_of_the_api_are_for_nobody(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))
        addresses = {name: one_of_each(told) for _, name, told in rows() if ROUTES[name].startswith(("api/", "mcp"))}

        done = [
            f"OPTIONS {name} as {username or 'nobody logged in'}: {heard}"
            for name, people in addresses.items()
            for username in people
            if (heard := walk.hear(username, "OPTIONS", name)) not in NOT_DONE
        ]

        assert done == []

    def test_that_no_row_has_is_done_for_nobody(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")), ("", "zeus"))

        done = [
            f"{method} {name} as {username or 'nobody logged in'}: {heard}"
            for name in {name for _, name, _ in rows()}
            for method in other_methods(name)
            for username in walk.clients
            if (heard := walk.hear(username, method, name)) not in NOT_DONE
        ]

        assert done == []
