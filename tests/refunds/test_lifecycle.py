"""The one door: permission before state, state before guards, and a record of every step through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.kernel.people import Machine
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from evidence.verification import verify
from refunds import lifecycle
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.harness.stillness import refused
from tests.harness.world import NOON, World
from tests.refunds.books import request_in

if TYPE_CHECKING:
    from config.kernel.people import Actor, User

pytestmark = pytest.mark.django_db

VERBS = sorted(lifecycle.NEWS)
ANYTHING = Machine("anything", frozenset(lifecycle.permission_of(verb) for verb in VERBS))
NOTHING = Machine("nothing", frozenset())


def speak(refund_request: RefundRequest, verb: str, actor: Actor, **more: Any) -> None:
    """Speak a verb on a freshly locked request."""
    locked = lifecycle.hold_locked(request_id=refund_request.pk)
    lifecycle.advance(locked, verb, actor=actor, at=NOON, sentence="did it.", **more)


class TestAdvance:
    @pytest.mark.parametrize("verb", VERBS)
    def test_asks_the_permission_before_the_state(self, world: World, amir: User, verb: str) -> None:
        for state in (State.INTAKE, State.RECONCILED):
            request = request_in(state, team=world.team(), requested_by=amir)
            with refused(NotPermitted, "not_permitted"):
                speak(request, verb, NOTHING)

    @pytest.mark.parametrize("verb", VERBS)
    def test_knows_each_verb_only_where_the_chart_does(self, world: World, amir: User, verb: str) -> None:
        for state in State:
            if getattr(RefundRequest, verb)._django_fsm.has_transition(state):
                continue
            request = request_in(state, team=world.team(), requested_by=amir)
            with refused(OutOfDate, "out_of_date"):
                speak(request, verb, ANYTHING)

    def test_says_every_guard_that_does_not_hold(self, world: World, amir: User) -> None:
        request = request_in(State.INTAKE, team=world.team(), requested_by=amir)
        RefundRequest.objects.filter(pk=request.pk).update(requested_minor=0, payment=None)

        with pytest.raises(Refused) as caught:
            speak(request, "submit", amir)

        assert {reason.detail for reason in caught.value.reasons} == {
            "Nothing is asked for yet: pick a line or an amount.",
            "No captured payment belongs to this request.",
        }

    def test_refuses_a_request_nobody_locked(self, world: World, amir: User) -> None:
        request = request_in(State.AWAITING_APPROVAL, team=world.team(), requested_by=amir)

        with pytest.raises(RuntimeError, match="must be locked"):
            lifecycle.advance(request, "withdraw", actor=amir, at=NOON, sentence="did it.")

        assert not LedgerEntry.objects.filter(subject_id=request.pk).exists()

    def test_records_who_moved_what_from_where_to_where(self, world: World, amir: User) -> None:
        request = request_in(State.AWAITING_APPROVAL, team=world.team(), requested_by=amir)

        speak(request, "withdraw", amir, data={"why": "changed"})

        entry = LedgerEntry.objects.get(subject_id=request.pk)
        assert (entry.kind, entry.actor, entry.at) == ("refund_request.withdrawn", amir, NOON)
        assert '"from":"awaiting_approval"' in entry.payload
        assert '"to":"withdrawn"' in entry.payload
        assert verify(request.subject).is_sound

    def test_pays_nothing_the_policy_has_not_judged(self, world: World, amir: User, dana: User) -> None:
        request = request_in(State.AWAITING_APPROVAL, team=world.team(), requested_by=amir)

        with refused(Refused, "refused"):
            speak(request, "approve", dana, columns={"approved_minor": 1})
