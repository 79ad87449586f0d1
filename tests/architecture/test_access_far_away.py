"""What belongs to a team that nobody of the stories works for: no role reaches it, by whatever id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .access_table import rows
from .samples import Sample, far_away
from .test_access import OF_NO_TEAM
from .walking import ROUTES, Walk

if TYPE_CHECKING:
    from tests.harness.world import World

ONE_OF_EACH_ROLE = ("amir", "mei", "dana", "viktor", "vera", "lena", "sam", "ada", "root", "bot")
READS = {"GET", "HEAD"}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestATeamThatNobodyWorksFor:
    def test_shows_and_moves_nothing(self, world: World) -> None:
        walk = Walk(Sample(world, *far_away()), ONE_OF_EACH_ROLE)

        told = [
            f"{asked} {name} as {username}: {heard}"
            for method, name, _ in rows()
            if "<" in ROUTES[name] and name not in OF_NO_TEAM
            for asked in ([method, "HEAD"] if method in READS else [method])
            for username in ONE_OF_EACH_ROLE
            if (heard := walk.hear(username, asked, name)) not in {403, 404}
        ]

        assert told == []
