"""Whole lives of refunds, walked through the pages by the people of the stories, paid at a real sandbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from approvals.models import ApprovalDecision
from config.kernel import outbox
from refunds.gateways.registry import standing_in
from refunds.models import Operation, Order, Payment, RefundRequest
from refunds.vocabulary import State
from tests.evidence.builders import drawing, upload
from tests.faults.conftest import Stage, WatchedGateway, event_of, post_webhook
from tests.harness.people import settle
from tests.refunds.gateways.stage import SECRET, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

WHY = "Broken on arrival, seen on the photo."


@pytest.fixture
def stage(tmp_path: Any, world: World) -> Iterator[Stage]:
    """Pay through a sandbox of one's own."""
    sandbox = SandboxProcess(tmp_path / "books")
    sandbox.start()
    gateway = WatchedGateway("sk_test_sandbox", [SECRET], api_base=sandbox.address)
    with standing_in("stripe", gateway):
        yield Stage(sandbox, gateway, world)
    sandbox.kill()


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, username: str) -> None:
        """Log in."""
        self.client = Client()
        self.client.force_login(settle(username))

    def reads(self, address: str) -> str:
        """Open a page that must be there."""
        answer = self.client.get(address, follow=True)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    def says(self, address: str, **words: Any) -> Any:
        """Send a form, and follow where it leads."""
        return self.client.post(address, words, follow=True)


def sold(stage: Stage, *, unit_minor: int, days_ago: int = 8) -> Order:
    """Sell something lately, and let the sandbox know the payment."""
    order = stage.world.order(unit_minor=unit_minor, quantity=2, days_ago=days_ago, at=timezone.now())
    stage.announce(Payment.objects.get(order=order))
    return order


def asked(agent: Person, order: Order, reason: str = "damaged", **more: Any) -> RefundRequest:
    """Fill the intake form for one piece and submit it."""
    line = order.lines.get()
    page = agent.reads(f"/intake/{order.channel}/{order.external_id}/")
    assert f"quantity_{line.pk}" in page
    form = {f"quantity_{line.pk}": "1", f"condition_{line.pk}": "opened", "reason": reason, "note": "", "do": "submit"}
    agent.says(f"/intake/{order.channel}/{order.external_id}/", **form, **more)
    return RefundRequest.objects.get(order=order)


def state_of(request: RefundRequest) -> str:
    """Read its state anew."""
    return str(RefundRequest.objects.get(pk=request.pk).state)


class TestADamagedLamp:
    def test_goes_from_the_photo_to_the_books(self, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
        amir, dana, lena, ada = Person("amir"), Person("dana"), Person("lena"), Person("ada")
        order = sold(stage, unit_minor=150_00)

        assert state_of(asked(amir, order)) == State.INTAKE  # the photo is missing
        request = asked(amir, order, photos=upload(drawing()))
        address = f"/requests/{request.reference}/"
        assert state_of(request) == State.AWAITING_APPROVAL
        assert amir.says(f"{address}approve/", rationale=WHY).status_code == 403

        assert request.reference in dana.reads("/queue/")
        large = dana.reads(f"/evidence/attachments/{_attachment(dana.reads(address))}/")
        photo = dana.client.get(re.findall(r'src="(/evidence/files/[^"]+)"', large)[0])
        assert photo.headers["Content-Type"] == "image/webp"
        dana.says(f"{address}approve/", rationale=WHY)
        assert state_of(request) == State.APPROVED
        assert ApprovalDecision.objects.get(route__reference=request.reference).evidence_opened != []
        assert request.reference not in dana.reads("/queue/")

        outbox.drain()
        assert state_of(request) == State.REFUNDED
        operation = Operation.objects.get(refund_request=request)
        assert post_webhook(event_of("refund.updated", str(operation.external_id), "evt_1")) == 200
        outbox.drain()

        report = stage.gateway.payout_report("GBP")
        uploaded = lena.says(
            "/reconciliation/upload/", account="stripe", file=SimpleUploadedFile("payout.csv", report, "text/csv")
        )
        assert uploaded.status_code == 200, uploaded.content.decode()
        outbox.drain()
        assert state_of(request) == State.RECONCILED

        call_command("verify_ledger")
        told = amir.reads("/outbox/")
        assert told.count(request.reference) >= 2  # approved, and paid
        timeline = ada.reads(address)
        for word in ("submitted the request", "approved £150.00", "went back"):
            assert word in timeline
        payment = Payment.objects.get(order=order)
        assert (payment.refunded_minor, payment.reserved_minor) == (150_00, 0)
        assert [one["amount"] for one in stage.sandbox.books()["refunds"]] == [150_00]


class TestALateReturn:
    def test_is_granted_by_a_reviewer_and_signed_by_an_approver(self, stage: Stage) -> None:
        amir, mei, dana = Person("amir"), Person("mei"), Person("dana")
        request = asked(amir, sold(stage, unit_minor=40_00, days_ago=45), "changed_mind")
        address = f"/requests/{request.reference}/"
        assert state_of(request) == State.EXCEPTION_REVIEW
        assert request.reference in mei.reads("/exceptions/")

        assert dana.says(f"{address}approve/", rationale=WHY).status_code == 409
        mei.says(f"{address}grant-exception/", exception_code="WINDOW_EXPIRED", rationale=WHY)
        assert state_of(request) == State.AWAITING_APPROVAL
        assert dana.says(f"{address}approve/").status_code == 422  # an exception needs a rationale
        dana.says(f"{address}approve/", rationale=WHY)
        outbox.drain()

        stored = RefundRequest.objects.get(pk=request.pk)
        assert stored.state == State.REFUNDED
        assert (str(stored.reviewed_by), str(stored.approved_by)) == ("Mei", "Dana")
        assert stored.exception_code == "WINDOW_EXPIRED"


class TestAnUnfoundedClaim:
    def test_is_declined_and_costs_nothing(self, stage: Stage) -> None:
        amir, dana = Person("amir"), Person("dana")
        order = sold(stage, unit_minor=90_00)
        request = asked(amir, order, "changed_mind")
        address = f"/requests/{request.reference}/"

        assert dana.says(f"{address}decline/").status_code == 422
        dana.says(f"{address}decline/", rationale="The parcel came back empty.")
        outbox.drain()

        assert state_of(request) == State.DECLINED
        assert Payment.objects.get(order=order).refundable_minor == 180_00
        assert stage.sandbox.books()["refunds"] == []
        assert request.reference in amir.reads("/outbox/")
        assert dana.says(f"{address}approve/", rationale=WHY).status_code == 409


class TestAQuestion:
    def test_is_answered_and_the_refund_goes_on(self, stage: Stage) -> None:
        amir, dana = Person("amir"), Person("dana")
        request = asked(amir, sold(stage, unit_minor=90_00), "changed_mind")
        address = f"/requests/{request.reference}/"

        dana.says(f"{address}ask/", question="Which of the two lamps came back?")
        assert state_of(request) == State.NEEDS_INFO
        assert "Which of the two lamps came back?" in amir.reads(address)
        amir.says(f"{address}evidence/", file=upload(drawing()), kind="photo")
        amir.says(f"{address}submit/", answer="The blue one, see the photo.")
        assert state_of(request) == State.AWAITING_APPROVAL

        dana.says(f"{address}approve/", amount="60.00", rationale="The shade is missing.")
        outbox.drain()

        stored = RefundRequest.objects.get(pk=request.pk)
        assert (stored.state, stored.approved_minor) == (State.REFUNDED, 60_00)
        assert [one["amount"] for one in stage.sandbox.books()["refunds"]] == [60_00]


def _attachment(page: str) -> str:
    found = re.search(r"/evidence/attachments/([0-9a-f-]{36})/", page)
    assert found is not None
    return found.group(1)
