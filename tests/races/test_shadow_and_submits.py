"""A shadow begins or ends while requests are submitted: nobody waits, nobody fails, and what was said replays."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from policies import drafting, publishing
from policies.models import PolicyDecision, PolicyVersion
from policies.replay_runs import Wanted, replay_all
from policies.vocabulary import VersionState
from refunds import workflow
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order, RefundRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 4
LATER = NOON + timedelta(minutes=1)


def in_review(world: World, milo: User) -> PolicyVersion:
    draft = drafting.draft_from(version_id=world.policy().pk, actor=milo, at=NOON)
    said = {"what": "More.", "why": "To try.", "impact": "Nobody yet.", "risk_rationale": "None in shadow."}
    type(draft).objects.filter(pk=draft.pk).update(**said)
    return publishing.send_to_review(version_id=draft.pk, actor=milo, at=NOON)


def filed(world: World, order: Order, by: User) -> RefundRequest:
    return workflow.file_request(draft=world.draft_of(order), actor=fresh(by), at=LATER)


def orders(world: World) -> list[Order]:
    return [world.order(unit_minor=minor) for minor in (10_00, 60_00, 5_000_01, 70_00)]


def check_sound(requests: list[RefundRequest]) -> None:
    """Each request rests on exactly one decision, has one trial at most, and everything replays."""
    for request in requests:
        of_it = PolicyDecision.objects.filter(subject_id=request.pk)
        assert Counter(of_it.values_list("is_trial", flat=True))[False] == 1
        assert of_it.filter(is_trial=True).count() <= 1
        assert not request.decision.is_trial  # type: ignore[union-attr]
    assert replay_all(Wanted()).different == 0


class TestAShadow:
    def test_begins_while_requests_are_submitted(self, world: World, amir: User, milo: User, mei: User) -> None:
        for _ in range(ROUNDS):
            version = in_review(world, milo)
            begin = partial(publishing.start_shadow, version_id=version.pk, actor=fresh(mei), at=NOON)

            results = in_the_same_instant(begin, *(partial(filed, world, order, amir) for order in orders(world)))

            assert losers(results) == []
            check_sound(results[1:])  # type: ignore[arg-type]
            after = filed(world, world.order(), amir)
            assert PolicyDecision.objects.filter(subject_id=after.pk, is_trial=True, version=version).count() == 1
            publishing.send_back(version_id=version.pk, actor=milo, at=LATER)

    def test_ends_while_requests_are_submitted(self, world: World, amir: User, milo: User, mei: User) -> None:
        for _ in range(ROUNDS):
            version = in_review(world, milo)
            publishing.start_shadow(version_id=version.pk, actor=fresh(mei), at=NOON)
            end = partial(publishing.send_back, version_id=version.pk, actor=fresh(milo), at=LATER)

            results = in_the_same_instant(end, *(partial(filed, world, order, amir) for order in orders(world)))

            assert losers(results) == []
            check_sound(results[1:])  # type: ignore[arg-type]
            assert PolicyVersion.objects.get(pk=version.pk).state == VersionState.DRAFT
            after = filed(world, world.order(), amir)
            assert not PolicyDecision.objects.filter(subject_id=after.pk, is_trial=True).exists()

    def test_comes_into_force_while_requests_are_submitted(
        self, world: World, amir: User, milo: User, mei: User
    ) -> None:
        version = in_review(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=fresh(mei), at=NOON)
        publish = partial(publishing.publish_version, version_id=version.pk, actor=fresh(mei), at=LATER)

        results = in_the_same_instant(publish, *(partial(filed, world, order, amir) for order in orders(world)))

        assert losers(results) == []
        check_sound(results[1:])  # type: ignore[arg-type]
