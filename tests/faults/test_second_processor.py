"""A second processor beside the first: heard in its own words, swept and asked, whatever becomes of the first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from approvals.models import FreezeSwitch
from policies.models import GovernedAction
from refunds import tasks
from refunds.gateways.base import Envelope, GatewayUnreachable, Hint, ProviderRefund
from refunds.gateways.registry import FAR, standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.models import Delivery
from refunds.restoring.asking import ask_processors
from refunds.restoring.holding import hold_after_restore
from refunds.vocabulary import DeliveryState
from refunds.webhooks.inbox import apply_delivery, store_delivery
from tests.faults.test_ungoverned import by_hand
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .conftest import Stage

pytestmark = [pytest.mark.servers, pytest.mark.django_db]


class Second(SandboxGateway):
    """A processor of another name, whose messages have other words."""

    name = "second"

    def hint(self, event_type: str, object_id: str) -> Hint:
        """Know one word."""
        return Hint.REFUND if event_type == "money.back" else super().hint(event_type, object_id)


class Broken(SandboxGateway):
    """One whose adapter has a bug."""

    def refunds_created_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Stumble."""
        raise ZeroDivisionError


def second_at(address: str) -> Second:
    return Second("sk_test_sandbox", ["whsec_2"], api_base=address, timeout_seconds=(2.0, 0.6))


@pytest.fixture
def second(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Second]:
    """Put the second before the sandbox, in the first one's place."""
    gateway = second_at(stage.sandbox.address)
    monkeypatch.setitem(FAR, "second", lambda: gateway)
    with standing_in("second", gateway), standing_in("stripe", Broken("sk_test_sandbox", [])):
        yield gateway


@pytest.fixture
def later() -> Iterator[None]:
    """Look ten minutes from now, when nothing is young any more."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        yield


class TestASecondProcessor:
    def test_is_swept_though_the_first_is_broken(self, stage: Stage, second: Second, later: None) -> None:
        named = by_hand(stage, stage.approved())

        tasks.sweep_refunds()

        assert [(one.gateway, one.external_id) for one in GovernedAction.objects.all()] == [("second", named)]

    def test_is_heard_in_its_own_words(self, stage: Stage, second: Second, later: None) -> None:
        named = by_hand(stage, stage.approved())
        for number, event_type in enumerate(["money.back", "money.forth"]):
            envelope = Envelope(
                event_id=f"evt_{number}",
                event_type=event_type,
                object_id=named,
                created_at=timezone.now(),
                livemode=False,
                payload={},
            )
            store_delivery(source="second", envelope=envelope, raw=b"{}", at=timezone.now())

        for delivery in Delivery.objects.all():
            apply_delivery(delivery_id=delivery.pk)

        assert Delivery.objects.get(event_type="money.back").state == DeliveryState.APPLIED
        assert Delivery.objects.get(event_type="money.forth").state == DeliveryState.IGNORED
        assert GovernedAction.objects.get().gateway == "second"

    def test_keeps_everything_frozen_after_a_restore_while_it_is_silent(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shut = second_at("http://127.0.0.1:9")
        monkeypatch.setitem(FAR, "second", lambda: shut)
        restore = hold_after_restore(actor=settle("lena"), at=timezone.now())

        with standing_in("second", shut), pytest.raises(GatewayUnreachable):
            ask_processors(restore_id=restore.pk, actor=settle("lena"), at=timezone.now())

        assert FreezeSwitch.objects.get().is_held
