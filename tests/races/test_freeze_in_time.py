"""A freeze and an approval in the same instant: whoever commits first, no money leaves while the freeze is on."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from approvals.freezing import Frozen, hold_freezes
from approvals.models import FreezeStop, FreezeSwitch
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.vocabulary import Verdict
from refunds import workflow
from refunds.models import Operation, RefundRequest
from refunds.processing.performing import due_operations, perform_operation
from refunds.vocabulary import OperationState, State
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, winners
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HOUR = timedelta(hours=1)
WHY = "A wave of odd refunds; we look first."
EVERYTHING = Target(scope="everything")


def approved(reference: str, who: User) -> RefundRequest:
    return workflow.decide(reference=reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(who), at=NOON)


def frozen(who: User) -> FreezeSwitch:
    return set_freeze(target=EVERYTHING, why=WHY, actor=fresh(who), at=NOON)


class TestAFreezeAndAnApproval:
    def test_in_the_same_instant_never_let_money_leave(self, world: World, amir: User, dana: User, lena: User) -> None:
        for _ in range(6):
            reference = world.waiting(by=amir, pounds=100).reference

            signed, switch = in_the_same_instant(partial(approved, reference, dana), partial(frozen, lena))

            assert isinstance(switch, FreezeSwitch)
            operation = Operation.objects.filter(refund_request__reference=reference).first()
            if isinstance(signed, Frozen):
                assert operation is None
                assert RefundRequest.objects.get(reference=reference).state == State.AWAITING_APPROVAL
                assert FreezeStop.objects.filter(switch=switch, reference=reference, verb="approve").count() == 1
            else:
                assert not isinstance(signed, Exception), signed
                assert operation is not None
                assert perform_operation(operation_id=operation.pk, at=NOON + HOUR) is False
                operation.refresh_from_db()
                assert (operation.state, operation.attempt_count) == (OperationState.READY, 0)
            lift_freeze(switch_id=switch.pk, why=WHY, actor=lena, at=NOON)
            Operation.objects.filter(state=OperationState.READY).delete()

    def test_wait_for_each_other_and_the_later_one_sees_the_earlier(
        self, world: World, amir: User, dana: User, lena: User
    ) -> None:
        """An approval that has looked holds the freeze off; it commits, and its money stays here."""
        reference = world.waiting(by=amir, pounds=100).reference
        is_set = Event()

        def set_it() -> None:
            try:
                frozen(lena)
                is_set.set()
            finally:
                connection.close()

        setter = Thread(target=set_it)
        with transaction.atomic():
            hold_freezes(is_shared=True)
            setter.start()
            assert not is_set.wait(0.5)
        setter.join(10)

        assert is_set.is_set()
        with pytest.raises(Frozen):
            approved(reference, dana)

    def test_do_not_keep_two_approvals_from_each_other(self, world: World, amir: User, dana: User, vera: User) -> None:
        references = [world.waiting(by=amir, pounds=100).reference for _ in range(2)]

        results = in_the_same_instant(partial(approved, references[0], dana), partial(approved, references[1], vera))

        assert len(winners(results)) == 2
        assert len(due_operations(NOON + HOUR)) == 2


class TestTwoFreezes:
    def test_of_the_same_scope_leave_one(self, world: World, lena: User, root: User) -> None:
        results = in_the_same_instant(partial(frozen, lena), partial(frozen, root))

        assert len(winners(results)) == 1
        assert FreezeSwitch.objects.count() == 1
