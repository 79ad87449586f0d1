"""Money that leaves settles what was allowed, or is ungoverned; it is never counted twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from approvals.vocabulary import Category
from config.kernel.people import Team
from evidence.ledger import timeline_of
from policies.actions.observing import observe
from policies.models import GovernedAction, PolicyDecision
from policies.vocabulary import ActionState, Outcome
from tests.harness.races import in_the_same_instant, winners
from tests.harness.world import NOON

from .desk import LATER, asked, gate, sighting

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World


class TestObserve:
    def test_records_what_nobody_asked_about_as_ungoverned(self, world: World) -> None:
        action = observe(sighting=sighting(world), at=LATER)

        assert (action.state, action.is_ungoverned, action.requested_by) == (ActionState.OBSERVED, True, None)
        assert (action.external_id, action.occurred_at, str(action.amount)) == ("po_1", LATER, "US$1,200.00")
        assert action.reference.startswith("GA-")

    def test_judges_it_for_the_record(self, world: World) -> None:
        gate(world)

        action = observe(sighting=sighting(world, 60_000_00), at=LATER)

        decision = PolicyDecision.objects.get(subject_id=action.pk, is_trial=False)
        assert (action.decision, decision.outcome) == (decision, Outcome.BLOCK)
        assert not action.is_enforced

    def test_tells_the_ledger(self, world: World) -> None:
        action = observe(sighting=sighting(world), at=LATER)

        (entry,) = timeline_of(action.subject)
        assert (entry.kind, entry.actor_name) == ("governed_action.ungoverned", "Observer")
        assert entry.sentence == "saw US$1,200.00 leave without anybody having asked: payout po_1."

    def test_needs_no_policy(self, world: World) -> None:
        team = Team.objects.create(slug="young", name="Young", currency="USD")

        action = observe(sighting=sighting(world, team=team), at=LATER)

        assert (action.state, action.decision) == (ActionState.OBSERVED, None)

    def test_seen_twice_is_recorded_once(self, world: World) -> None:
        first = observe(sighting=sighting(world), at=LATER)

        again = observe(sighting=sighting(world), at=LATER + timedelta(minutes=1))

        assert again == first
        assert GovernedAction.objects.count() == 1
        assert timeline_of(first.subject).count() == 1

    def test_settles_what_was_allowed(self, world: World, bot: User) -> None:
        gate(world)
        allowed = asked(world, by=bot)

        seen = observe(sighting=sighting(world), at=LATER)

        assert (seen.pk, seen.state, seen.is_ungoverned) == (allowed.pk, ActionState.DONE, False)
        assert (seen.external_id, seen.occurred_at) == ("po_1", LATER)
        assert GovernedAction.objects.count() == 1

    def test_settles_what_a_policy_in_shadow_only_watched(self, world: World, bot: User) -> None:
        watched = asked(world, by=bot)

        seen = observe(sighting=sighting(world), at=LATER)

        assert (watched.state, seen.pk, seen.state) == (ActionState.WATCHED, watched.pk, ActionState.DONE)

    @pytest.mark.parametrize(
        "differs",
        [
            {"minor": 1_200_01},
            {"category": Category.TRANSFER},
            {"gateway": "shopify"},
            {"left_at": NOON - timedelta(minutes=6)},
            {"left_at": NOON + timedelta(days=31)},
        ],
    )
    def test_takes_nothing_else_for_it(self, world: World, bot: User, differs: dict[str, Any]) -> None:
        gate(world)
        allowed = asked(world, by=bot)

        seen = observe(sighting=sighting(world, **differs), at=LATER)

        assert (seen.is_ungoverned, seen.pk == allowed.pk) == (True, False)

    def test_holds_it_against_what_it_is_about(self, world: World, bot: User) -> None:
        gate(world)
        category = Category.TRANSFER_REVERSAL
        asked(world, 100_00, by=bot, about="tr_other", category=category)
        mine = asked(world, 100_00, by=bot, about="tr_mine", category=category)

        seen = observe(sighting=sighting(world, 100_00, category=category, about="tr_mine"), at=LATER)

        assert seen.pk == mine.pk

    @pytest.mark.parametrize("minor", [3_000_00, 60_000_00])
    def test_lets_nothing_pass_that_waits_or_is_blocked(self, world: World, bot: User, minor: int) -> None:
        gate(world)
        stopped = asked(world, minor, by=bot)

        seen = observe(sighting=sighting(world, minor), at=LATER)

        assert seen.is_ungoverned
        assert GovernedAction.objects.get(pk=stopped.pk).state in {ActionState.AWAITING_APPROVAL, ActionState.BLOCKED}

    def test_settles_two_equal_actions_by_two_movements(self, world: World, bot: User) -> None:
        gate(world)
        both = {asked(world, by=bot).pk, asked(world, by=bot).pk}

        seen = {observe(sighting=sighting(world, external_id=f"po_{number}"), at=LATER).pk for number in (1, 2)}

        assert seen == both


@pytest.mark.django_db(transaction=True)
class TestTwoObservers:
    def test_in_the_same_instant_record_one(self, world: World) -> None:
        seen = sighting(world)

        results = in_the_same_instant(*[lambda: observe(sighting=seen, at=LATER).pk] * 4)

        assert len(winners(results)) == 4
        assert len(set(results)) == 1
        assert GovernedAction.objects.count() == 1


class TestTheDatabase:
    """The last line binds whoever writes, by whatever door."""

    def break_it(self, action: GovernedAction, **columns: Any) -> None:
        with transaction.atomic():
            GovernedAction.objects.filter(pk=action.pk).update(**columns)

    def test_keeps_the_approver_from_being_who_asked(self, world: World, bot: User) -> None:
        action = asked(world, by=bot)

        with pytest.raises(IntegrityError, match="action_approver_is_not_who_asked"):
            self.break_it(action, approved_by=bot)
        with pytest.raises(IntegrityError, match="action_refuser_is_not_who_asked"):
            self.break_it(action, refused_by=bot)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount_minor": 1},
            {"currency": "EUR"},
            {"category": "transfer"},
            {"about": "tr_else"},
            {"is_to_be_executed": True},
            {"requested_by": None},
        ],
    )
    def test_keeps_what_was_asked(self, world: World, bot: User, change: dict[str, Any]) -> None:
        action = asked(world, by=bot)

        with pytest.raises(DatabaseError, match="Cannot update"):
            self.break_it(action, **change)

    def test_lets_nobody_turn_what_left_into_what_was_asked(self, world: World, lena: User) -> None:
        action = observe(sighting=sighting(world), at=LATER)

        with pytest.raises(DatabaseError, match="Cannot update"):
            self.break_it(action, is_ungoverned=False, requested_by=lena, state="done")
        with pytest.raises(IntegrityError, match="ungoverned_is_what_nobody_asked_about"):
            self.break_it(action, state="done")

    def test_wants_an_explanation_with_words(self, world: World, lena: User) -> None:
        action = observe(sighting=sighting(world), at=LATER)

        with pytest.raises(IntegrityError, match="explained_action_says_who_and_why"):
            self.break_it(action, state="explained", explained_by=lena, explained_at=LATER, explanation="shop")

    def test_deletes_none(self, world: World) -> None:
        action = observe(sighting=sighting(world), at=LATER)

        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            action.delete()

    def test_knows_the_states(self, world: World, bot: User) -> None:
        action = asked(world, by=bot)

        with pytest.raises(IntegrityError, match="action_state_is_known"):
            self.break_it(action, state="magic")
