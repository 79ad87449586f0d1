"""A database that went back to a backup: what left in the lost time is found before anything is sent."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from approvals.models import FreezeSwitch
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.vocabulary import FreezeScope, Verdict
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from refunds import workflow
from refunds.gateways.base import GatewayUnreachable
from refunds.models import LostRefund, Operation, Restore
from refunds.processing.sweeping import sweep_operations
from refunds.restoring.asking import ask_processors
from refunds.restoring.holding import hold_after_restore
from refunds.vocabulary import OperationState, State
from tests.harness.people import settle
from tests.harness.world import NOON, payment_of

from .conftest import Stage, fresh, request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.models import RefundRequest

pytestmark = [pytest.mark.servers, pytest.mark.django_db]

DAY_LATER = NOON + timedelta(hours=30)
"""The processor has forgotten every key by then."""

WHY = "The processor was asked and nothing is open"


@contextmanager
def lost_time() -> Iterator[None]:
    """Do something that the processor remembers and our database does not."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def go_ahead(stage: Stage) -> None:
    stage.sandbox.ask("POST", "/_sandbox/clock", {"ahead_seconds": 30 * 3600})


def held(stage: Stage) -> Restore:
    """Restore, a day later: hold and ask."""
    go_ahead(stage)
    restore = hold_after_restore(actor=settle("lena"), at=DAY_LATER)
    ask_processors(restore_id=restore.pk, actor=settle("lena"), at=DAY_LATER)
    return restore


def lift(username: str = "root") -> None:
    switch = FreezeSwitch.objects.get(lifted_at__isnull=True)
    lift_freeze(switch_id=switch.pk, why=WHY, actor=settle(username), at=DAY_LATER)


def refunds_at(stage: Stage) -> list[int]:
    """List the amounts that the processor gave back."""
    return [refund["amount"] for refund in stage.sandbox.books()["refunds"]]


def kinds_of(refund_request: RefundRequest) -> set[str]:
    return set(LedgerEntry.objects.filter(subject_id=refund_request.pk).values_list("kind", flat=True))


class TestARestoredDatabase:
    def test_would_pay_twice_if_nobody_asked(self, stage: Stage) -> None:
        operation = stage.approved(pounds=100)
        with lost_time():
            stage.perform(operation)
        go_ahead(stage)

        stage.perform(operation, DAY_LATER)

        assert refunds_at(stage) == [100_00, 100_00]

    def test_catches_up_with_what_it_had_approved_and_sent(self, stage: Stage) -> None:
        operation = stage.approved(pounds=100)
        with lost_time():
            stage.perform(operation)
        assert fresh(operation).state == OperationState.READY

        held(stage)

        operation = fresh(operation)
        assert (operation.state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert payment_of(operation.refund_request).refunded_minor == 100_00
        lift()
        stage.perform(operation, DAY_LATER)
        assert refunds_at(stage) == [100_00]

    def test_pays_no_request_again_whose_approval_it_lost(self, stage: Stage) -> None:
        waiting = stage.world.waiting(by=settle("amir"), pounds=100)
        stage.announce(waiting.payment)

        def approve() -> Operation:
            workflow.decide(
                reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("dana"), at=NOON
            )
            return Operation.objects.get(refund_request=waiting)

        with lost_time():
            stage.perform(approve())
        held(stage)
        lift()

        assert LostRefund.objects.get().refund_request == waiting
        operation = stage.perform(approve(), DAY_LATER)

        assert (operation.state, request_of(operation).state) == (OperationState.REJECTED, State.FAILED)
        assert operation.failure_reason.startswith("refunded_before_restore: re_")
        assert payment_of(waiting).elsewhere_minor == 100_00
        assert refunds_at(stage) == [100_00]
        assert "refund_request.found_paid" in kinds_of(waiting)

    def test_sends_what_was_not_sent_once_the_hold_is_lifted(self, stage: Stage) -> None:
        operation = stage.approved(pounds=100)
        held(stage)
        sweep_operations(at=DAY_LATER)
        assert refunds_at(stage) == []

        lift()
        operation = stage.perform(operation, DAY_LATER)

        assert operation.state == OperationState.SUCCEEDED
        assert refunds_at(stage) == [100_00]

    def test_is_asked_twice_without_counting_twice(self, stage: Stage) -> None:
        operation = stage.approved(pounds=100)
        with lost_time():
            stage.perform(operation)
        restore = held(stage)

        again = ask_processors(restore_id=restore.pk, actor=settle("lena"), at=DAY_LATER)

        assert (again.caught_up, again.lost) == (0, 0)
        assert payment_of(operation.refund_request).refunded_minor == 100_00


class TestTheHold:
    def test_is_lifted_by_nobody_before_the_processor_was_asked(self, stage: Stage) -> None:
        hold_after_restore(actor=settle("lena"), at=DAY_LATER)

        with pytest.raises(Refused, match="First the processors are asked"):
            lift("root")

        assert FreezeSwitch.objects.filter(lifted_at__isnull=True).count() == 1

    def test_is_not_lifted_by_whoever_set_it(self, stage: Stage) -> None:
        held(stage)

        with pytest.raises(NotPermitted, match="Somebody else"):
            lift("lena")
        with pytest.raises(IntegrityError), transaction.atomic():
            FreezeSwitch.objects.update(lifted_by=settle("lena"), lifted_at=DAY_LATER)

        assert FreezeSwitch.objects.filter(lifted_at__isnull=True).count() == 1

    def test_stays_while_the_processor_is_silent(self, stage: Stage) -> None:
        restore = hold_after_restore(actor=settle("lena"), at=DAY_LATER)
        stage.gateway.__init__("sk_test_sandbox", [], api_base="http://127.0.0.1:9", timeout_seconds=(0.3, 0.3))  # type: ignore[misc]

        with pytest.raises(GatewayUnreachable):
            ask_processors(restore_id=restore.pk, actor=settle("lena"), at=DAY_LATER)

        assert FreezeSwitch.objects.get().is_held

    def test_takes_over_a_freeze_that_was_in_the_backup(self, stage: Stage) -> None:
        everything = Target(scope=FreezeScope.EVERYTHING)
        set_freeze(target=everything, why="Looking into something odd", actor=settle("root"), at=NOON)

        first = hold_after_restore(actor=settle("lena"), at=DAY_LATER)
        again = hold_after_restore(actor=settle("lena"), at=DAY_LATER)

        assert first == again
        assert FreezeSwitch.objects.get().is_held

    def test_is_set_by_the_command_and_by_nobody_without_the_right(self, stage: Stage) -> None:
        for username in ("amir", "lena"):
            settle(username)
        with pytest.raises(CommandError, match="add_freezeswitch"):
            call_command("hold_after_restore", by="amir")
        assert not Restore.objects.exists()

        call_command("hold_after_restore", by="lena")

        assert Restore.objects.get().asked_at is not None
