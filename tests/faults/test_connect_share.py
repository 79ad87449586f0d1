"""Refunds of Connect destination charges: who bears them is decided once, shown, signed for and sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from refunds import workflow
from refunds.gateways.base import Rejected
from refunds.models import Operation, Payment, RefundRequest
from refunds.processing.performing import perform_operation
from refunds.vocabulary import ConnectShare, State
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from django.test import Client

    from refunds.models import Order
    from tests.harness.world import World

    from .conftest import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

SENT = {
    ConnectShare.PLATFORM: [],
    ConnectShare.TRANSFER: ["reverse_transfer"],
    ConnectShare.TRANSFER_AND_FEE: ["reverse_transfer", "refund_application_fee"],
}


def shared_order(world: World) -> Order:
    """Sell something of which a share went on to a connected account."""
    order = world.order(unit_minor=20_00, quantity=2)
    Payment.objects.filter(order=order).update(is_destination_charge=True)
    return order


def filed(world: World, order: Order, share: str) -> RefundRequest:
    """File a refund that passes by itself."""
    draft = replace(world.draft_of(order), connect_share=share)
    return workflow.file_request(draft=draft, actor=settle("amir"), at=NOON)


class TestADestinationCharge:
    @pytest.mark.parametrize("share", ConnectShare)
    def test_is_refunded_as_it_was_decided(self, stage: Stage, share: ConnectShare) -> None:
        request = filed(stage.world, shared_order(stage.world), share)
        assert request.state == State.APPROVED
        stage.announce(request.payment)

        perform_operation(operation_id=Operation.objects.get().pk, at=NOON)

        (refund,) = stage.sandbox.books()["refunds"]
        assert refund["shared"] == SENT[share]
        submitted = LedgerEntry.objects.get(kind="refund_request.submitted")
        assert json.loads(submitted.payload)["data"]["connect_share"] == share

    @pytest.mark.parametrize("share", ["", "half"])
    def test_needs_it_decided_who_bears_its_refund(self, world: World, share: str) -> None:
        with pytest.raises(Refused) as refusal:
            filed(world, shared_order(world), share)

        assert [reason.field for reason in refusal.value.reasons] == ["connect_share"]
        assert not RefundRequest.objects.exists()

    def test_is_asked_about_by_the_form_and_no_other_payment_is(self, world: World, client: Client) -> None:
        order, other = shared_order(world), world.order()
        client.force_login(settle("amir"))
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        assert "id_connect_share" in client.get(address).text
        assert "id_connect_share" not in client.get(address.replace(order.external_id, other.external_id)).text

        line = order.lines.get()
        typed = {f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened", "reason": "changed_mind"}
        client.post(address, typed | {"connect_share": "transfer", "do": "submit"})

        stored = RefundRequest.objects.get(order=order)
        assert stored.connect_share == ConnectShare.TRANSFER
        assert "gives its share back, we keep our fee" in client.get(stored.get_absolute_url()).text

    def test_shows_it_to_whoever_signs(self, world: World, client: Client) -> None:
        order = world.order(unit_minor=200_00)
        Payment.objects.filter(order=order).update(is_destination_charge=True)
        waiting = filed(world, order, ConnectShare.TRANSFER_AND_FEE)
        client.force_login(settle("dana"))

        assert "we give our fee back" in client.get(reverse("refunds:panel", args=[waiting.reference])).text


class TestAnyOtherPayment:
    def test_lets_nobody_else_bear_its_refund(self, world: World) -> None:
        with pytest.raises(Refused, match="Nothing of this payment went on"):
            filed(world, world.order(), ConnectShare.TRANSFER)

    def test_is_refused_by_the_processor_all_the_same(self, stage: Stage) -> None:
        operation = stage.approved()
        RefundRequest.objects.update(connect_share=ConnectShare.TRANSFER)

        operation = stage.perform(operation)

        assert operation.state == "rejected"
        assert "charge_not_transferred" in operation.failure_reason
        assert Rejected.__name__.lower() == operation.attempts.get().outcome

    def test_takes_no_word_the_database_does_not_know(self, world: World) -> None:
        filed(world, shared_order(world), ConnectShare.PLATFORM)
        with pytest.raises(IntegrityError, match="connect_share_is_known"), transaction.atomic():
            RefundRequest.objects.update(connect_share="half")
