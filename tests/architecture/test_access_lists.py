"""Lists, figures, searches and exports hold no word of a team that nobody of the stories works for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from .access_table import rows
from .addresses import names
from .asking import forgotten
from .samples import Sample, far_away
from .walking import ROUTES, Walk

if TYPE_CHECKING:
    from tests.harness.world import World

LOOKING = ("dana", "lena", "sam", "root")
OK = 200


def marks_of(sample: Sample) -> set[str]:
    """List what would give the far team away: references and ids, none of which an address below carries.

    The names of people are no secret: whoever may read who may sign reads it of everybody.
    """
    asked = (sample.waiting, sample.draft, sample.exception, sample.held, sample.approved, sample.failed)
    hung = (sample.attachment, sample.bundle, sample.webhook, sample.quality, sample.letters[""], sample.step.route)
    return {
        *(one.reference for one in asked),
        *(str(one.pk) for one in (*asked, *hung)),
        sample.action.reference,
        sample.ungoverned.reference,
        sample.helpdesk.slug,
    }


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestATeamThatNobodyWorksFor:
    def test_is_in_no_list_whatever_it_is_asked_for(self, world: World) -> None:
        sample = Sample(world, *far_away())
        walk, marks = Walk(sample, LOOKING), marks_of(sample)
        order, slug = sample.order.external_id, sample.team.slug
        queries = (f"?team={slug}", f"?q={order}&team={sample.team.pk}&tab=all&state=awaiting_approval")

        told = [
            f"{address}{query} as {username}: {mark}"
            for method, name, expected in rows()
            if method == "GET" and "<" not in ROUTES[name] and "^" not in name and name not in {"schema", "live"}
            for address in [reverse(name)]
            for username in LOOKING
            if expected[username] == OK
            for query in queries
            for mark in sorted(marks & self._words(walk, username, address + query, marks))
        ]

        assert told == []

    def test_is_in_no_list_of_the_admin_site(self, world: World) -> None:
        """But for the ledger, which administrators read whole, and the helpdesks they set up for every team."""
        sample = Sample(world, *far_away())
        marks = marks_of(sample) - {sample.helpdesk.slug}
        walk = Walk(sample, ("mei", "root"))

        told = [
            f"{address} as {username}: {mark}"
            for name in sorted(names())
            if name.startswith("admin:") and name.endswith("_changelist") and "ledgerentry" not in name
            for address in [reverse(name)]
            for username in walk.clients
            for mark in sorted(self._words(walk, username, address, marks))
        ]

        assert told == []

    def _words(self, walk: Walk, username: str, address: str, marks: set[str]) -> set[str]:
        with forgotten():
            answer = walk.clients[username].get(address)
        if answer.streaming:
            return set()
        text = answer.content.decode("utf-8", "replace")
        return {mark for mark in marks if mark in text}
