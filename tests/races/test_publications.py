"""Two people at one policy in the same instant: one of them is told, and the policy has one version in force."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import OutOfDate, Refused
from policies import drafting, editions, publishing, scheduling, switching
from policies.models import ModeChange, Policy, PolicyVersion, VersionLog
from policies.vocabulary import VersionState
from tests.admin.desk import EXPLAINED
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON
from tests.policies.editions import draft, scheduled, stored, told, waiting, with_limit

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True)]

TOMORROW = NOON + timedelta(days=1)


def in_force(world: World) -> PolicyVersion:
    """Read the one in force; two of them would raise."""
    return PolicyVersion.objects.get(policy__team=world.team(), state=VersionState.PUBLISHED)


class TestTwoPublications:
    def test_of_two_versions_follow_each_other(self, world: World, milo: User, mei: User, root: User) -> None:
        first, second = waiting(world, root), waiting(world, root, pounds=70)

        results = in_the_same_instant(
            partial(publishing.publish_version, version_id=first.pk, actor=milo, at=NOON),
            partial(publishing.publish_version, version_id=second.pk, actor=mei, at=NOON),
        )

        assert losers(results) == []
        last = in_force(world)
        assert {stored(first).state, stored(second).state} == {VersionState.PUBLISHED, VersionState.RETIRED}
        other = first if last.pk == second.pk else second
        assert last.log.body["replaces"] == other.number
        assert stored(other).log.body["replaces"] == 1

    def test_of_one_version_is_one(self, world: World, milo: User, mei: User, root: User) -> None:
        version = waiting(world, root)

        results = in_the_same_instant(
            partial(publishing.publish_version, version_id=version.pk, actor=milo, at=NOON),
            partial(publishing.publish_version, version_id=version.pk, actor=mei, at=NOON),
        )

        assert len(winners(results)) == 1
        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        assert [kind for kind, _ in told(version)].count("policy.published") == 1

    def test_into_one_place_are_one(self, world: World, milo: User, mei: User, root: User) -> None:
        first, second = waiting(world, root), waiting(world, root, pounds=70)

        results = in_the_same_instant(
            partial(publishing.start_shadow, version_id=first.pk, actor=milo, at=NOON),
            partial(publishing.start_shadow, version_id=second.pk, actor=mei, at=NOON),
        )

        assert [type(loser) for loser in losers(results)] == [Refused]
        assert PolicyVersion.objects.filter(state=VersionState.SHADOW).count() == 1


class TestAnEditorAndAPublisher:
    def test_never_put_in_force_what_nobody_read(self, world: World, milo: User, mei: User, root: User) -> None:
        version = waiting(world, root)
        read = editions.edition_of(stored(version))
        explanation = drafting.Explanation(**EXPLAINED)  # type: ignore[arg-type]  # four texts

        def rewrite() -> PolicyVersion:
            publishing.send_back(version_id=version.pk, actor=milo, at=NOON)
            drafting.change_draft(
                version_id=version.pk,
                document=with_limit(version.document, 5000),
                explanation=explanation,
                seen=read,
                actor=milo,
                at=NOON,
            )
            return publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

        results = in_the_same_instant(
            rewrite,
            partial(publishing.publish_version, version_id=version.pk, actor=mei, at=NOON, seen=read),
        )

        assert len(winners(results)) == 1
        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        found = stored(version)
        if found.state == VersionState.PUBLISHED:
            assert editions.edition_of(found) == read
        else:
            assert (found.state, found.writer_ids) == (VersionState.IN_REVIEW, [root.pk, milo.pk])

    def test_of_the_same_draft_lose_no_change(self, world: World, milo: User, mei: User, root: User) -> None:
        version = draft(world, root)
        read = editions.edition_of(stored(version))

        def save(actor: User, pounds: int) -> PolicyVersion:
            return drafting.change_draft(
                version_id=version.pk,
                document=with_limit(version.document, pounds),
                explanation=drafting.Explanation(**EXPLAINED),  # type: ignore[arg-type]  # four texts
                seen=read,
                actor=actor,
                at=NOON,
            )

        results = in_the_same_instant(partial(save, milo, 70), partial(save, mei, 80))

        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        assert len(stored(version).writer_ids) == 2


class TestTheClock:
    def test_asked_twice_at_once_puts_a_version_in_force_once(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)
        tick = partial(scheduling.put_in_force, at=TOMORROW)

        results = in_the_same_instant(tick, tick, tick)

        assert losers(results) == []
        assert sum(len(put) for put in results if isinstance(put, list)) == 1
        assert in_force(world).pk == version.pk
        assert VersionLog.objects.filter(version=version).count() == 1
        assert [kind for kind, _ in told(version)].count("policy.published") == 1

    def test_and_whoever_calls_back_agree(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, TOMORROW)

        results = in_the_same_instant(
            partial(scheduling.put_in_force, at=TOMORROW),
            partial(scheduling.recall_version, version_id=version.pk, actor=milo, at=TOMORROW),
        )

        state = stored(version).state
        assert state in {VersionState.PUBLISHED, VersionState.DRAFT}
        assert [type(loser) for loser in losers(results)] == ([OutOfDate] if state == VersionState.PUBLISHED else [])


class TestTwoAnswers:
    def test_to_two_switches_keep_both(self, world: World, mei: User, milo: User, root: User) -> None:
        policy = Policy.objects.get(team=world.team("eu-saas"))
        changes = [
            switching.propose_mode(
                policy_id=policy.pk, category=category, mode="enforce", why="It agrees.", actor=mei, at=NOON
            )
            for category in ("payout", "refund")
        ]

        results = in_the_same_instant(
            partial(switching.confirm_mode, change_id=changes[0].pk, actor=milo, at=NOON),
            partial(switching.confirm_mode, change_id=changes[1].pk, actor=root, at=NOON),
        )

        assert losers(results) == []
        policy.refresh_from_db()
        assert policy.enforced_categories == ["payout", "refund"]

    def test_to_one_switch_are_one(self, world: World, mei: User, milo: User, root: User) -> None:
        policy = Policy.objects.get(team=world.team("eu-saas"))
        change = switching.propose_mode(
            policy_id=policy.pk, category="refund", mode="enforce", why="It agrees.", actor=mei, at=NOON
        )

        results = in_the_same_instant(
            partial(switching.confirm_mode, change_id=change.pk, actor=milo, at=NOON),
            partial(switching.refuse_mode, change_id=change.pk, actor=root, at=NOON, answer="It does not."),
        )

        assert [type(loser) for loser in losers(results)] == [OutOfDate]
        policy.refresh_from_db()
        is_confirmed = ModeChange.objects.get().state == "confirmed"
        assert policy.enforced_categories == (["refund"] if is_confirmed else [])
