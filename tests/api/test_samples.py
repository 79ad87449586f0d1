"""POST /samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from analytics.models import Sample
from tests.analytics.sampling.stage import TODAY, automatic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

BODY = {"team": "uk-retail", "from": TODAY.isoformat(), "to": TODAY.isoformat(), "size": 2, "seed": "a"}


class TestDrawing:
    def test_answers_what_there_was_and_how_it_was_drawn(self, world: World, calling: Callable[[str], Caller]) -> None:
        automatic(world, 3)

        answer = calling("sam").post("samples", BODY)

        assert answer.status_code == 201, answer.json()
        told = answer.json()
        assert (told["team"], told["from"], told["population_count"], told["seed"]) == (
            "uk-retail",
            TODAY.isoformat(),
            3,
            "a",
        )
        assert told["strata"] == [{"stratum": "policy: approve", "decisions": 3, "drawn": 2}]
        assert told["page"] == Sample.objects.get().get_absolute_url()

    def test_with_a_key_is_drawn_once(self, world: World, calling: Callable[[str], Caller]) -> None:
        automatic(world, 3)
        sam = calling("sam")

        first, second = (sam.post("samples", BODY, key="draw-1") for _ in range(2))

        assert first.json() == second.json()
        assert Sample.objects.count() == 1

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            ({"team": "far-away"}, 422),
            ({"to": "2020-01-01"}, 422),
            ({"from": "2020-01-01", "to": "2020-01-01"}, 422),
            ({"size": 0}, 400),
            ({"size": "many"}, 400),
            ({"colour": "red"}, 400),
        ],
    )
    def test_refuses_nonsense(
        self, world: World, calling: Callable[[str], Caller], words: dict[str, Any], status: int
    ) -> None:
        automatic(world)

        assert calling("sam").post("samples", {**BODY, **words}).status_code == status
        assert not Sample.objects.exists()

    def test_is_for_quality(self, world: World, calling: Callable[[str], Caller]) -> None:
        assert calling("ada").post("samples", BODY).status_code == 403
