"""Whatever is typed into any page, its answer is a page: no crash, nothing of our inside, and a no moves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.harness.people import settle

from .hostile import Enemy, pages
from .samples import Sample

if TYPE_CHECKING:
    from tests.harness.world import World

IN_AN_ADDRESS: Final = ("0001-01", "9" * 401)
IN_A_FORM: Final = ("9" * 401,)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock_of_the_story", "plain_refusals"),
]


@pytest.fixture
def enemy(world: World) -> Enemy:
    """Let Zeus, who may open everything, be the enemy."""
    return Enemy(settle("zeus"), Sample(world, world.team(), settle("amir")))


class TestAnyPage:
    def test_answers_whatever_stands_in_its_address(self, enemy: Enemy) -> None:
        assert [fault for name in pages("GET") for fault in enemy.faults("GET", name, IN_AN_ADDRESS)] == []

    def test_answers_whatever_is_typed_into_its_form(self, enemy: Enemy) -> None:
        assert [fault for name in pages("POST") for fault in enemy.faults("POST", name, IN_A_FORM)] == []
