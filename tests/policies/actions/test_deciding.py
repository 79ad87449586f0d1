"""A governed action through its life: judged, signed for by strangers, lapsed, explained."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalDecision, ApprovalRoute, FreezeSwitch
from approvals.services.sweeping import sweep_routes
from approvals.vocabulary import Category, RouteState, Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from policies.actions.asking import ASKS
from policies.actions.deciding import decide
from policies.actions.explaining import explain
from policies.actions.lapsing import lapse
from policies.actions.observing import observe
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.stillness import refused
from tests.harness.world import NOON

from .desk import LATER, asked, gate, let_sign, sighting

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

WHY = "The supplier's invoice is due today."


def stored(action: GovernedAction) -> GovernedAction:
    """Read it anew."""
    return GovernedAction.objects.get(pk=action.pk)


class TestAsk:
    def test_allows_what_is_within_policy(self, world: World, bot: User) -> None:
        gate(world)

        action = asked(world, 1_200_00, by=bot)

        assert (action.state, action.is_enforced, action.decided_at) == (ActionState.ALLOWED, True, NOON)
        assert [entry.kind for entry in timeline_of(action.subject)] == [
            "governed_action.asked",
            "governed_action.allowed",
        ]

    def test_blocks_what_is_above_every_band(self, world: World, bot: User) -> None:
        gate(world)

        assert asked(world, 60_000_00, by=bot).state == ActionState.BLOCKED

    def test_opens_a_route_where_people_decide(self, world: World, bot: User) -> None:
        gate(world)

        action = asked(world, 3_000_00, by=bot)

        route = ApprovalRoute.objects.get(subject_kind="governed_action", subject_id=action.pk)
        assert (action.state, action.route, route.state) == (ActionState.AWAITING_APPROVAL, route, RouteState.OPEN)
        assert (route.title, route.requested_by, route.amount) == ("Payout: scheduled", bot, action.amount)
        assert route.page == f"/actions/{action.reference}/"

    def test_only_watches_in_shadow(self, world: World, bot: User) -> None:
        action = asked(world, 60_000_00, by=bot)

        assert (action.state, action.is_enforced) == (ActionState.WATCHED, False)
        assert not ApprovalRoute.objects.exists()

    def test_lets_people_decide_in_shadow_on_what_we_carry_out(self, world: World, bot: User) -> None:
        action = asked(world, 1_00, by=bot, is_to_be_executed=True)

        assert (action.state, action.is_enforced) == (ActionState.AWAITING_APPROVAL, False)

    def test_puts_what_would_be_referred_before_people(self, world: World, bot: User) -> None:
        """Nobody knows the payment of this refund, which for a request is an exception."""
        action = asked(world, 10_00, by=bot, category=Category.REFUND)

        assert (str(action.decision.outcome), action.state) == ("exception", ActionState.AWAITING_APPROVAL)  # type: ignore[union-attr]

    def test_is_refused_without_the_right(self, world: World, amir: User) -> None:
        with refused(NotPermitted, "not_permitted"):
            asked(world, by=amir)

        assert not amir.has_perm(ASKS)

    def test_is_refused_while_frozen(self, world: World, bot: User, root: User) -> None:
        gate(world)
        FreezeSwitch.objects.create(scope="category", category="payout", why="Odd payouts.", set_by=root, set_at=NOON)

        with refused(NotPermitted, "frozen"):
            asked(world, by=bot)

        assert not GovernedAction.objects.exists()


class TestDecide:
    @pytest.fixture
    def waiting(self, world: World, bot: User) -> GovernedAction:
        """Have a payout wait for a signature."""
        gate(world)
        return asked(world, 3_000_00, by=bot)

    def test_lets_a_stranger_approve(self, waiting: GovernedAction, viktor: User) -> None:
        let_sign(viktor)

        action = decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=LATER)

        assert (action.state, action.approved_by, action.decided_at) == (ActionState.ALLOWED, viktor, LATER)
        assert ApprovalRoute.objects.get().state == RouteState.APPROVED

    def test_takes_a_no_with_its_words(self, waiting: GovernedAction, viktor: User) -> None:
        let_sign(viktor)

        action = decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=viktor, at=LATER)

        assert (action.state, action.refused_by) == (ActionState.REFUSED, viktor)
        assert ApprovalDecision.objects.get().rationale == WHY

    def test_refuses_a_no_without_words(self, waiting: GovernedAction, viktor: User) -> None:
        let_sign(viktor)

        with refused(Refused, "rationale_required"):
            decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale="", actor=viktor, at=LATER)

    def test_refuses_whoever_asked(self, world: World, zeus: User) -> None:
        """Constraints bind superusers too."""
        gate(world)
        let_sign(zeus)
        own = asked(world, 3_000_00, by=zeus)

        with refused(NotPermitted, "self_approval"):
            decide(reference=own.reference, verdict=Verdict.APPROVE, rationale="", actor=zeus, at=LATER)

    def test_refuses_more_than_the_limit(self, waiting: GovernedAction, viktor: User) -> None:
        let_sign(viktor, up_to_minor=2_999_99)

        with refused(NotPermitted, "over_authority"):
            decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=LATER)

    @pytest.mark.parametrize("name", ["lena", "ada", "sam", "root"])
    def test_refuses_whoever_signs_for_nothing(
        self, waiting: GovernedAction, name: str, request: pytest.FixtureRequest
    ) -> None:
        person = request.getfixturevalue(name)

        with refused(NotPermitted, "not_permitted"):
            decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=person, at=LATER)

    def test_hides_it_from_another_team(self, waiting: GovernedAction, luis: User) -> None:
        with pytest.raises(GovernedAction.DoesNotExist):
            decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=luis, at=LATER)

    def test_is_refused_while_frozen(self, waiting: GovernedAction, viktor: User, root: User) -> None:
        let_sign(viktor)
        FreezeSwitch.objects.create(scope="everything", why="Odd payouts.", set_by=root, set_at=NOON)

        with pytest.raises(NotPermitted, match="frozen"):
            decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=LATER)

        assert stored(waiting).state == ActionState.AWAITING_APPROVAL

    def test_decides_nothing_twice(self, waiting: GovernedAction, viktor: User, vera: User) -> None:
        let_sign(viktor, vera)
        decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=LATER)

        with refused(OutOfDate, "already_decided"):
            decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=vera, at=LATER)


@pytest.mark.django_db(transaction=True)
class TestTwoApprovers:
    def test_in_the_same_instant_end_it_once(self, world: World, bot: User, viktor: User, vera: User) -> None:
        gate(world)
        let_sign(viktor, vera)
        waiting = asked(world, 3_000_00, by=bot)

        results = in_the_same_instant(
            lambda: decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=LATER),
            lambda: decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=vera, at=LATER),
        )

        assert (len(winners(results)), len(losers(results))) == (1, 1)
        assert ApprovalDecision.objects.count() == 1


class TestLapse:
    def test_ends_what_nobody_finished(self, world: World, bot: User) -> None:
        gate(world)
        waiting = asked(world, 3_000_00, by=bot)
        ApprovalRoute.objects.update(lapses_at=LATER)
        route = ApprovalRoute.objects.get()
        sweep_routes(at=LATER)

        assert lapse(route_id=route.pk, at=LATER + timedelta(seconds=1))

        assert stored(waiting).state == ActionState.LAPSED
        assert not lapse(route_id=route.pk, at=LATER + timedelta(seconds=2))


class TestExplain:
    def test_keeps_who_and_why_and_that_it_was_ungoverned(self, world: World, lena: User) -> None:
        seen = observe(sighting=sighting(world), at=NOON)

        action = explain(reference=seen.reference, code="schedule", note=f" {WHY} ", actor=lena, at=LATER)

        assert (action.state, action.is_ungoverned, action.explained_by) == (ActionState.EXPLAINED, True, lena)
        assert (action.explanation, action.note, action.explained_at) == ("schedule", WHY, LATER)
        last = timeline_of(action.subject).last()
        assert last is not None
        assert last.sentence == "explained it: runs on a schedule at the processor."
        assert WHY not in last.payload

    @pytest.mark.parametrize(
        ("code", "note", "says"),
        [
            ("magic", WHY, "invalid"),
            ("shop", "", "note_needed"),
            ("shop", "4242 4242 4242 4242", "card_number_in_text"),
        ],
    )
    def test_wants_a_code_and_words(self, world: World, lena: User, code: str, note: str, says: str) -> None:
        seen = observe(sighting=sighting(world), at=NOON)

        with refused(Refused, says):
            explain(reference=seen.reference, code=code, note=note, actor=lena, at=LATER)

    @pytest.mark.parametrize("name", ["dana", "sam", "ada", "root"])
    def test_is_finances(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        seen = observe(sighting=sighting(world), at=NOON)

        with refused(NotPermitted, "not_permitted"):
            explain(reference=seen.reference, code="shop", note=WHY, actor=request.getfixturevalue(name), at=LATER)

    def test_answers_nothing_that_was_asked_about(self, world: World, bot: User, lena: User) -> None:
        action = asked(world, by=bot)

        with refused(OutOfDate, "out_of_date"):
            explain(reference=action.reference, code="shop", note=WHY, actor=lena, at=LATER)
