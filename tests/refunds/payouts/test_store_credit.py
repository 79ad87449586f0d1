"""Store credit is written once for each operation, whatever happens to the workers, and can be asked for at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from config.kernel.refusals import Refused
from evidence.models import CustomerMessage
from refunds import recalling, workflow
from refunds.models import RefundRequest, StoreCredit
from refunds.processing.performing import perform_operation
from refunds.store_credits import balance_of
from refunds.vocabulary import OperationState, State
from tests.harness.people import settle
from tests.harness.world import NOON, World, as_stored, payment_of

from .stage import LATER, came_back, operation_of, proposed, signed

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


class TestStoreCredit:
    def test_is_written_once_however_often_a_worker_dies(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        failed = came_back(world)
        signed(proposed(failed), by=settle("viktor"))
        operation = operation_of(failed)
        with monkeypatch.context() as patch:
            patch.setattr("refunds.processing.performing.record_outcome", _dies)
            for hours in range(3):
                with pytest.raises(RuntimeError):
                    perform_operation(operation_id=operation.pk, at=LATER + timedelta(hours=hours))

        assert perform_operation(operation_id=operation.pk, at=LATER + timedelta(hours=4))

        credit = StoreCredit.objects.get()
        operation.refresh_from_db()
        assert (operation.state, operation.external_id) == (OperationState.SUCCEEDED, f"sc_{credit.pk}")
        assert balance_of(credit.customer, "GBP").minor == 100_00

    def test_is_found_when_only_looking_is_safe(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        failed = came_back(world)
        signed(proposed(failed), by=settle("viktor"))
        operation = operation_of(failed)
        with monkeypatch.context() as patch:
            patch.setattr("refunds.processing.performing.record_outcome", _dies)
            with pytest.raises(RuntimeError):
                perform_operation(operation_id=operation.pk, at=LATER)

        assert perform_operation(operation_id=operation.pk, at=LATER + timedelta(hours=24))

        operation.refresh_from_db()
        assert (operation.state, operation.is_look_up_only) == (OperationState.SUCCEEDED, True)

    def test_stays_as_it_was_written(self, world: World) -> None:
        failed = came_back(world)
        signed(proposed(failed), by=settle("viktor"))
        perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        for change in (lambda: StoreCredit.objects.update(amount_minor=1), lambda: StoreCredit.objects.all().delete()):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change()


def _dies(**_words: object) -> None:
    raise RuntimeError


class TestARequestForStoreCredit:
    def test_is_judged_and_paid_like_any_other(self, world: World) -> None:
        order = world.order(unit_minor=20_00, customer=world.customer())
        draft = replace(world.draft_of(order), method="store_credit")

        request = workflow.file_request(draft=draft, actor=settle("amir"), at=NOON)
        assert request.state == State.APPROVED
        perform_operation(operation_id=operation_of(request).pk, at=NOON)

        payment = payment_of(request)
        assert (operation_of(request).gateway, as_stored(request).state) == ("store_credit", State.REFUNDED)
        assert (payment.refunded_minor, payment.reserved_minor) == (20_00, 0)
        message = CustomerMessage.objects.get(subject_id=request.pk, template="store_credit_given")
        assert "Your store credit is now \u00a320.00" in message.body

    def test_needs_somebody_to_give_it_to(self, world: World) -> None:
        draft = replace(world.draft_of(world.order()), method="store_credit")

        with pytest.raises(Refused, match="Nobody is known"):
            workflow.file_request(draft=draft, actor=settle("amir"), at=NOON)

    def test_can_be_recalled_before_it_is_written(self, world: World, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        order = world.order(unit_minor=100_00, customer=world.customer())
        draft = replace(world.draft_of(order), method="store_credit")
        waiting = workflow.file_request(draft=draft, actor=settle("amir"), at=NOON)
        signed(waiting, by=settle("dana"))

        recalling.recall(reference=waiting.reference, note="", actor=settle("dana"), at=LATER)

        assert not perform_operation(operation_id=operation_of(waiting).pk, at=LATER + timedelta(hours=1))
        assert not StoreCredit.objects.exists()

    def test_is_offered_by_the_form(self, world: World, client: Client) -> None:
        order = world.order(unit_minor=20_00, customer=world.customer())
        client.force_login(settle("amir"))
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        assert 'value="store_credit"' in client.get(address).content.decode()
        line = order.lines.get()

        typed = {f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened", "reason": "changed_mind"}
        client.post(address, typed | {"method": "store_credit", "do": "submit"})

        assert RefundRequest.objects.get(order=order).method == "store_credit"
