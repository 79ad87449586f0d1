"""From a confirmed refund to a closed request with the sandbox's own report, all through the browser's addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from refunds.gateways.base import CapturedPayment
from refunds.gateways.registry import standing_in
from refunds.models import Statement, StatementLine
from refunds.reconciliation import selectors
from refunds.reconciliation.selectors import Period
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import as_stored, drain
from tests.refunds.gateways.stage import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

    from refunds.gateways.sandbox_client import SandboxGateway
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[SandboxGateway]:
    """Run a sandbox and let it answer to the name of Stripe."""
    sandbox = SandboxProcess(tmp_path / "books")
    sandbox.start()
    with standing_in("stripe", sandbox.gateway()):
        yield sandbox.gateway()
    sandbox.stop()


class TestTheSandboxReport:
    """A demo reconciles without leaving the browser."""

    def test_closes_what_the_sandbox_paid_and_leaves_no_difference(
        self, client: Client, gateway: SandboxGateway, world: World
    ) -> None:
        amir, dana, lena = settle("amir"), settle("dana"), settle("lena")
        now = timezone.now()
        approved = world.approved(by=amir, approver=dana, pounds=120, at=now)
        payment = approved.payment
        assert payment is not None
        gateway.announce(
            [
                CapturedPayment(
                    external_id=payment.external_id,
                    amount_minor=payment.captured_minor,
                    currency=payment.currency,
                    captured_at=payment.captured_at,
                )
            ]
        )
        drain()
        assert as_stored(approved).state == State.REFUNDED
        client.force_login(lena)

        report = client.get(reverse("refunds:payout_report"), {"currency": "GBP"})
        file = SimpleUploadedFile("payout.csv", report.content)
        client.post(reverse("refunds:upload_statement"), {"account": "stripe", "file": file})
        drain()

        assert report["Content-Type"] == "text/csv; charset=utf-8"
        assert as_stored(approved).state == State.RECONCILED
        [total] = selectors.totals(lena, Period())
        assert (total.difference.minor, str(total.processor)) == (0, "£120.00")

    def test_adds_only_what_is_new_when_it_is_taken_again(
        self, client: Client, gateway: SandboxGateway, world: World
    ) -> None:
        client.force_login(settle("lena"))
        for number in (1, 2):
            gateway.announce(
                [
                    CapturedPayment(
                        external_id=f"pi_{number}", amount_minor=500, currency="GBP", captured_at=timezone.now()
                    )
                ]
            )
            report = client.get(reverse("refunds:payout_report"), {"currency": "GBP"})
            file = SimpleUploadedFile("payout.csv", report.content)
            client.post(reverse("refunds:upload_statement"), {"account": "stripe", "file": file})
            drain()

        assert Statement.objects.count() == 2
        assert StatementLine.objects.count() == 2
