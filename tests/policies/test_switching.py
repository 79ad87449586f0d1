"""A category is switched between watching and gating by two people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from policies import switching
from policies.drafting import subject_of
from policies.models import ModeChange, Policy
from policies.vocabulary import ProposalState
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

LATER = NOON + timedelta(hours=1)
WHY = "Agreement was 99 % for six weeks."


def policy_of(world: World) -> Policy:
    """Read the European policy, which is all in shadow."""
    return Policy.objects.get(team=world.team("eu-saas"))


def propose(world: World, actor: User, **changes: str) -> ModeChange:
    """Propose to gate refunds."""
    words: dict[str, Any] = {"category": "refund", "mode": "enforce", "why": WHY, **changes}
    return switching.propose_mode(policy_id=policy_of(world).pk, actor=actor, at=NOON, **words)


def told(world: World) -> list[tuple[str, str]]:
    """List what the ledger says of the policy."""
    return [(entry.kind, entry.actor_name) for entry in timeline_of(subject_of(policy_of(world)))]


class TestProposeMode:
    @pytest.mark.parametrize("name", ["mei", "root"])
    def test_changes_nothing_yet(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        person = request.getfixturevalue(name)

        change = propose(world, person)

        assert (change.state, change.proposed_by, change.why) == (ProposalState.PROPOSED, person, WHY)
        assert policy_of(world).enforced_categories == []
        assert told(world) == [("policy.mode_proposed", str(person))]

    @pytest.mark.parametrize("name", ["sam", "ada", "dana", "bot"])
    def test_is_refused_without_the_right(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        with pytest.raises(NotPermitted):
            propose(world, request.getfixturevalue(name))

        assert not ModeChange.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"mode": "shadow"}, "mode"),
            ({"mode": "sometimes"}, "mode"),
            ({"category": "gift"}, "category"),
            ({"why": "  "}, "why"),
            ({"why": "4242 4242 4242 4242"}, "why"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, mei: User, changes: dict[str, str], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            propose(world, mei, **changes)

        assert refused.value.reasons[0].field == field
        assert not ModeChange.objects.exists()

    def test_waits_for_the_answer_to_the_one_before(self, world: World, mei: User, milo: User) -> None:
        propose(world, mei)

        with pytest.raises(OutOfDate, match="Mei proposed a switch of Refund already"):
            propose(world, milo)

        assert ModeChange.objects.count() == 1
        assert propose(world, milo, category="payout").category == "payout"


class TestConfirmMode:
    def test_switches_what_somebody_else_proposed(self, world: World, mei: User, root: User) -> None:
        change = propose(world, mei)

        switching.confirm_mode(change_id=change.pk, actor=root, at=LATER, answer="Agreed.")

        change.refresh_from_db()
        assert (change.state, change.answered_by, change.answered_at) == (ProposalState.CONFIRMED, root, LATER)
        assert policy_of(world).enforced_categories == ["refund"]
        assert told(world)[-1] == ("policy.mode_switched", "Root")

    def test_switches_back_and_leaves_the_others(self, world: World, mei: User, milo: User) -> None:
        for category in ("refund", "payout"):
            change = propose(world, mei, category=category)
            switching.confirm_mode(change_id=change.pk, actor=milo, at=LATER)
        change = propose(world, milo, mode="shadow")

        switching.confirm_mode(change_id=change.pk, actor=mei, at=LATER)

        assert policy_of(world).enforced_categories == ["payout"]

    @pytest.mark.parametrize("name", ["mei", "zeus", "root"])
    def test_is_refused_to_whoever_proposed_it(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        person = request.getfixturevalue(name)
        change = propose(world, person)

        for answer in (switching.confirm_mode, switching.refuse_mode):
            with pytest.raises(NotPermitted) as no:
                answer(change_id=change.pk, actor=person, at=LATER, answer=WHY)
            assert no.value.code == "self_approval"
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE policies_modechange SET state = 'confirmed', answered_at = now(), answered_by_id = %s",
                [person.pk],
            )

        change.refresh_from_db()
        assert (change.state, policy_of(world).enforced_categories) == (ProposalState.PROPOSED, [])

    @pytest.mark.parametrize("name", ["sam", "ada", "vera"])
    def test_is_refused_without_the_right(
        self, world: World, mei: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        change = propose(world, mei)

        with pytest.raises(NotPermitted, match="answer_modechange"):
            switching.confirm_mode(change_id=change.pk, actor=request.getfixturevalue(name), at=LATER)

        assert policy_of(world).enforced_categories == []

    def test_is_out_of_date_the_second_time(self, world: World, mei: User, milo: User, root: User) -> None:
        change = propose(world, mei)
        switching.confirm_mode(change_id=change.pk, actor=milo, at=LATER)

        for answer in (switching.confirm_mode, switching.refuse_mode):
            with pytest.raises(OutOfDate, match="confirmed by Milo already"):
                answer(change_id=change.pk, actor=root, at=LATER, answer=WHY)

        assert policy_of(world).enforced_categories == ["refund"]


class TestRefuseMode:
    def test_leaves_everything_and_says_why(self, world: World, mei: User, milo: User) -> None:
        change = propose(world, mei)

        switching.refuse_mode(change_id=change.pk, actor=milo, at=LATER, answer="Six weeks are too few.")

        change.refresh_from_db()
        assert (change.state, change.answer) == (ProposalState.REFUSED, "Six weeks are too few.")
        assert policy_of(world).enforced_categories == []
        assert told(world)[-1] == ("policy.mode_refused", "Milo")

    def test_asks_for_a_reason(self, world: World, mei: User, milo: User) -> None:
        change = propose(world, mei)

        with pytest.raises(Refused) as refused:
            switching.refuse_mode(change_id=change.pk, actor=milo, at=LATER, answer=" ")

        assert refused.value.reasons[0].field == "answer"
        change.refresh_from_db()
        assert change.state == ProposalState.PROPOSED
