"""People who lost what they had a moment ago, with the window still open, and machines that ask for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.people import User
from config.kernel.tokens import ApiToken
from tests.harness.people import settle

from .access_table import rows
from .samples import Sample
from .walking import ROUTES, Walk

if TYPE_CHECKING:
    from tests.harness.world import World

NOTHING_OF_IT = {302, 401, 403, 404}
HERS = {"job"}
"""What belongs to a person and not to her role: a job that she began herself."""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestSomebody:
    def test_who_was_disabled_a_moment_ago_is_nobody(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")), ("zeus",))
        assert walk.hear("zeus", "GET", "refunds:requests") == 200

        User.objects.filter(username="zeus").update(is_active=False)

        assert walk.faults((method, name, {"zeus": told[""]}) for method, name, told in rows()) == []

    @pytest.mark.parametrize("username", ["vera", "lena", "root"])
    def test_whose_roles_were_taken_a_moment_ago_has_none(self, world: World, username: str) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")), (username,))
        told = [(method, name, told[username], told["nobody"]) for method, name, told in rows()]

        settle(username).groups.clear()

        kept = [
            f"{method} {name}: {heard}"
            for method, name, before, nobody in told
            if name not in HERS and before not in NOTHING_OF_IT and nobody in NOTHING_OF_IT
            if (heard := walk.hear(username, method, name)) not in NOTHING_OF_IT
        ]
        assert kept == []


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestAToken:
    def test_opens_no_page(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")), ())
        _, secret = ApiToken.objects.create(user=settle("zeus"))
        walk.clients["token"] = Client(headers={"Authorization": f"Bearer {secret}"})
        pages = [row for row in rows() if not ROUTES[row[1]].startswith(("api/", "mcp"))]

        assert walk.faults((method, name, {"token": told[""]}) for method, name, told in pages) == []
