"""Signed now, in force later, called back until then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from config.celery import app
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from policies import publishing, scheduling
from policies.vocabulary import VersionState
from tests.harness.world import NOON
from tests.policies.editions import scheduled, standing, stored, told, unread, waiting

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

TOMORROW = NOON + timedelta(days=1)


def schedule(version: PolicyVersion, actor: User, publish_at: datetime = TOMORROW) -> PolicyVersion:
    """Sign for later."""
    return publishing.publish_version(version_id=version.pk, actor=actor, at=NOON, publish_at=publish_at)


class TestSchedule:
    def test_signs_now_and_changes_nothing_yet(self, world: World, milo: User, mei: User) -> None:
        old, version = world.policy(), waiting(world, milo)

        schedule(version, mei)

        found = stored(version)
        assert (found.state, found.published_by, found.publish_at) == (VersionState.SCHEDULED, mei, TOMORROW)
        assert found.published_at is None
        assert stored(old).state == VersionState.PUBLISHED
        assert told(version)[-1] == ("policy.scheduled", "Mei")

    def test_is_also_from_shadow(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=mei, at=NOON)

        assert schedule(version, mei).state == VersionState.SCHEDULED

    @pytest.mark.parametrize("publish_at", [NOON, NOON - timedelta(minutes=1), NOON + timedelta(days=367)])
    def test_names_a_moment_that_is_to_come(self, world: World, milo: User, mei: User, publish_at: datetime) -> None:
        version = waiting(world, milo)
        before = standing(version)

        with pytest.raises(Refused) as refused:
            schedule(version, mei, publish_at)

        assert refused.value.reasons[0].field == "publish_at"
        assert standing(version) == before

    def test_is_for_one_version_at_a_time(self, world: World, milo: User, mei: User) -> None:
        first = scheduled(world, milo, mei, TOMORROW)
        second = waiting(world, milo)
        before = standing(second)

        with pytest.raises(Refused, match=rf"Version {first.number} of retail-goods is scheduled already"):
            schedule(second, mei)

        assert standing(second) == before

    @pytest.mark.parametrize("name", ["milo", "root"])
    def test_is_refused_as_publishing_is(
        self, world: World, milo: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        version = waiting(world, milo)
        before = standing(version)

        with pytest.raises(NotPermitted):
            schedule(version, request.getfixturevalue(name))

        assert standing(version) == before


class TestRecall:
    def test_takes_the_signature_back(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)

        scheduling.recall_version(version_id=version.pk, actor=milo, at=NOON)

        found = stored(version)
        assert (found.state, found.published_by, found.publish_at) == (VersionState.DRAFT, None, None)
        assert scheduling.put_in_force(at=TOMORROW) == []

    def test_is_refused_without_the_right(self, world: World, milo: User, mei: User, sam: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)
        before = standing(version)

        with pytest.raises(NotPermitted):
            scheduling.recall_version(version_id=version.pk, actor=sam, at=NOON)

        assert standing(version) == before

    def test_is_out_of_date_once_it_is_in_force(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)
        scheduling.put_in_force(at=TOMORROW)

        with pytest.raises(OutOfDate):
            scheduling.recall_version(version_id=version.pk, actor=milo, at=TOMORROW)

        assert stored(version).state == VersionState.PUBLISHED

    def test_is_what_publishing_it_sooner_begins_with(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)

        with pytest.raises(OutOfDate, match="is scheduled by now"):
            publishing.publish_version(version_id=version.pk, actor=mei, at=NOON)

        assert stored(version).state == VersionState.SCHEDULED


class TestPutInForce:
    def test_happens_at_the_moment_and_not_before(self, world: World, milo: User, mei: User) -> None:
        old, version = world.policy(), scheduled(world, milo, mei, TOMORROW)

        assert scheduling.put_in_force(at=TOMORROW - timedelta(seconds=1)) == []
        assert [one.pk for one in scheduling.put_in_force(at=TOMORROW)] == [version.pk]

        found = stored(version)
        assert (found.state, found.published_by, found.published_at) == (VersionState.PUBLISHED, mei, TOMORROW)
        assert stored(old).state == VersionState.RETIRED
        assert told(version)[-1] == ("policy.published", "Policy clock")
        assert found.log.body["scheduled_for"] == "2026-11-21T12:00:00Z"
        assert found.log.body["published_by"] == "mei"

    def test_happens_once(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)
        scheduling.put_in_force(at=TOMORROW)
        before = standing(version)

        assert scheduling.put_in_force(at=TOMORROW) == []
        assert standing(version) == before

    def test_takes_over_from_an_emergency_that_came_between(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)
        urgent = unread(world, milo, mei)

        scheduling.put_in_force(at=TOMORROW)

        assert (stored(version).state, stored(urgent).state) == (VersionState.PUBLISHED, VersionState.RETIRED)
        assert stored(version).log.body["replaces"] == urgent.number

    def test_is_what_the_clock_asks_for_every_minute(self) -> None:
        app.loader.import_default_modules()

        asked = settings.CELERY_BEAT_SCHEDULE["put scheduled policies in force"]
        assert asked == {"task": "policies.put_in_force", "schedule": 60.0}
        assert asked["task"] in app.tasks
