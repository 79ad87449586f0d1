"""The access table's pages, read in another language: each opens, whatever words and figures it fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.preferences import Preferences
from tests.harness.people import settle

from .access_table import WHO
from .samples import Sample
from .visible_words import Known
from .walking import Walk, rows_of

if TYPE_CHECKING:
    from tests.harness.world import World

OPENED = 200


def opened_by_one(part: str) -> list[tuple[str, str, dict[str, int]]]:
    """Of each page of a part, name one person to whom it opens."""
    pages = []
    for method, name, told in rows_of(part):
        readers = [who for who, status in told.items() if who and status == OPENED]
        if method == "GET" and readers:
            pages.append((method, name, {readers[0]: OPENED}))
    return pages


@pytest.mark.slow
@pytest.mark.django_db
class TestEveryPage:
    @pytest.mark.parametrize("language", ["de", "qps"])
    def test_opens_in_another_language(self, world: World, language: str) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))
        for who in filter(None, WHO):
            Preferences.objects.update_or_create(user=settle(who), defaults={"language": language})
        pages = opened_by_one("refunds") + opened_by_one("others")

        assert len(pages) > 80
        assert walk.faults(pages) == []

    def test_says_nothing_that_is_not_marked(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))
        for who in filter(None, WHO):
            Preferences.objects.update_or_create(user=settle(who), defaults={"language": "qps"})
        known, found = Known(), {}
        for method, name, told in opened_by_one("refunds") + opened_by_one("others"):
            answer = walk.ask(next(iter(told)), method, name)
            if "text/html" in answer.headers["Content-Type"]:
                found[name] = known.unmarked_in(answer.content.decode())

        assert len(found) > 70
        assert {name: words for name, words in found.items() if words} == {}
