"""Bank transfers leave in a file that two people let go, and the bank's statement says what became of them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from approvals.services.routing import involve
from approvals.vocabulary import Part
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import CustomerMessage, LedgerEntry
from refunds import recalling
from refunds.actions.observing import observe_refund
from refunds.gateways.base import ProviderRefund, RefundStatus
from refunds.models import Operation, PaymentFile, RefundRequest, Transfer
from refunds.payouts.credit_transfer import NAMESPACE
from refunds.payouts.files import discard_file, files_visible_to, prepare_file, release_file, take_file
from refunds.processing.performing import due_operations, perform_operation
from refunds.processing.sweeping import sweep_operations
from refunds.reconciliation.selectors import Period, is_late, operations_without_line, totals
from refunds.vocabulary import OperationState, State
from tests.harness.people import settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored, payment_of

from .banking import debit, imported, returned, statement
from .stage import HOLDER, IBAN, LATER, came_back, operation_of, proposed, signed

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

TAG = f"{{{NAMESPACE}}}"


def agreed(world: World, *, pounds: int = 100) -> RefundRequest:
    """Have a bank transfer approved; it waits for a file."""
    waiting = proposed(came_back(world, pounds=pounds), method="bank_transfer")
    signed(waiting, by=settle("viktor"))
    return as_stored(waiting)


def prepared() -> PaymentFile:
    """Let Lena prepare."""
    return prepare_file(currency="GBP", actor=settle("lena"), at=LATER)


def released(file: PaymentFile) -> PaymentFile:
    """Let Luis release."""
    return release_file(file_id=file.pk, actor=settle("luis"), at=LATER)


def judged(request: RefundRequest, person: User) -> None:
    """Let somebody have granted the exception on a request."""
    RefundRequest.objects.filter(pk=request.pk).update(reviewed_by=person)


def handed_in(request: RefundRequest, person: User) -> None:
    """Let somebody have submitted the draft of a colleague."""
    involve(subject=request.subject, person=person, part=Part.SUBMITTER, at=NOON)


PARTS = {"judged its exception": judged, "handed it in": handed_in}


class TestABankTransfer:
    def test_waits_for_a_file_and_never_leaves_by_a_worker(self, world: World) -> None:
        agreed(world)
        operation = Operation.objects.get(state=OperationState.READY)

        assert operation.gateway == "bank_transfer"
        assert operation.pk not in due_operations(LATER)
        assert not perform_operation(operation_id=operation.pk, at=LATER)

    def test_may_be_recalled_until_its_file_is_released(self, world: World, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        request = agreed(world)
        file = prepare_file(currency="GBP", actor=settle("lena"), at=LATER.replace(hour=13))

        recalling.recall(reference=request.reference, note="", actor=settle("viktor"), at=LATER)

        with pytest.raises(Refused, match="held back since"):
            released(file)
        assert discard_file(file_id=file.pk, actor=settle("lena"), at=LATER).state == "discarded"
        assert not Operation.objects.filter(refund_request=request, state=OperationState.PENDING).exists()

    def test_is_too_late_to_be_recalled_after_the_release(self, world: World, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        request = agreed(world)
        released(prepare_file(currency="GBP", actor=settle("lena"), at=LATER.replace(hour=13)))

        with pytest.raises(OutOfDate):
            recalling.recall(reference=request.reference, note="", actor=settle("viktor"), at=LATER)

    def test_of_what_went_back_elsewhere_meanwhile_fails_instead(self, world: World) -> None:
        request = agreed(world)
        payment = payment_of(request)
        elsewhere = ProviderRefund(
            external_id="re_dashboard",
            status=RefundStatus.SUCCEEDED,
            amount_minor=payment.captured_minor,
            currency="GBP",
            payment_external_id=payment.external_id,
            created_at=LATER,
        )
        observe_refund(gateway=payment.gateway, refund=elsewhere, at=LATER)

        with pytest.raises(Refused, match="No bank transfer in GBP waits"):
            prepared()

        operation = operation_of(request)
        assert (operation.state, as_stored(request).state) == (OperationState.REJECTED, State.FAILED)


class TestAFile:
    def test_names_every_transfer_once_with_count_and_control_sum(self, world: World) -> None:
        requests = [agreed(world, pounds=pounds) for pounds in (60, 75)]
        file = released(prepared())
        content = take_file(file=file, actor=settle("lena"), at=LATER)

        read = fromstring(content)
        header = read.find(f"{TAG}CstmrCdtTrfInitn/{TAG}GrpHdr")
        assert header is not None
        assert (header.findtext(f"{TAG}NbOfTxs"), header.findtext(f"{TAG}CtrlSum")) == ("2", "135.00")
        names = [one.text or "" for one in read.iter(f"{TAG}EndToEndId")]
        assert names == [f"RD{operation_of(request).pk.hex}" for request in requests]
        assert all(len(name) <= 35 for name in names)
        assert [one.text for one in read.iter(f"{TAG}InstdAmt")] == ["60.00", "75.00"]
        assert [one.text for one in read.iter(f"{TAG}IBAN")][1:] == [IBAN.replace(" ", "")] * 2
        assert (file.transfer_count, file.total_minor) == (2, 135_00)

    def test_is_the_same_bytes_however_often_it_is_taken(self, world: World) -> None:
        agreed(world)
        file = released(prepared())

        taken = {take_file(file=file, actor=settle("lena"), at=LATER) for _ in range(3)}

        assert [hashlib.sha256(content).hexdigest() for content in taken] == [file.sha256]
        assert LedgerEntry.objects.filter(subject_id=file.pk, kind="payment_file.taken").count() == 3

    def test_is_taken_by_nobody_before_its_release(self, world: World) -> None:
        agreed(world)

        with pytest.raises(OutOfDate):
            take_file(file=prepared(), actor=settle("lena"), at=LATER)

    def test_holds_a_transfer_that_no_other_file_holds(self, world: World) -> None:
        agreed(world)
        file = prepared()

        with pytest.raises(Refused) as no:
            prepared()
        assert no.value.code == "nothing_to_pay"
        discard_file(file_id=file.pk, actor=settle("luis"), at=LATER)
        assert prepared().transfer_count == 1

    def test_keeps_the_accounts_sealed_and_off_the_ledger(self, world: World) -> None:
        agreed(world)
        file = released(prepared())

        told = " ".join(f"{entry.sentence} {entry.payload}" for entry in LedgerEntry.objects.all())
        assert not [word for word in ("DE89", "3000", HOLDER, "Lovelace") if word in told]
        assert "DE89" not in PaymentFile.objects.get(pk=file.pk).sealed

    def test_is_released_once(self, world: World) -> None:
        agreed(world)
        file = released(prepared())

        with pytest.raises(OutOfDate):
            released(file)


class TestFourEyes:
    def test_keep_the_preparer_from_releasing(self, world: World) -> None:
        agreed(world)
        file = prepared()

        with pytest.raises(NotPermitted, match="You prepared this file"):
            release_file(file_id=file.pk, actor=settle("lena"), at=LATER)
        with pytest.raises(IntegrityError, match="releaser_is_not_the_preparer"), transaction.atomic():
            PaymentFile.objects.filter(pk=file.pk).update(
                state="released", released_by=file.prepared_by, released_at=LATER
            )

    @pytest.mark.parametrize("who", ["amir", "dana", "viktor"])
    def test_keep_whoever_asked_or_approved_from_releasing_by_any_door(self, world: World, who: str) -> None:
        """Amir asked, Dana approved the refund, Viktor the other way."""
        agreed(world)
        file = prepared()

        with pytest.raises(IntegrityError, match="does not release its payment file"), transaction.atomic():
            PaymentFile.objects.filter(pk=file.pk).update(state="released", released_by=settle(who), released_at=LATER)

    @pytest.mark.parametrize("who", ["amir", "dana", "viktor"])
    def test_keep_whoever_asked_or_approved_from_preparing_by_any_door(self, world: World, who: str) -> None:
        request = agreed(world)

        file = PaymentFile.objects.create(
            currency="GBP", debtor_iban="GB33BUKB20201555555555", transfer_count=1, total_minor=100_00, sealed="",
            sha256="0" * 64, prepared_by=settle(who), prepared_at=LATER,
        )  # fmt: skip

        with pytest.raises(IntegrityError, match="does not put it into a payment file"), transaction.atomic():
            Transfer.objects.create(file=file, operation=operation_of(request), end_to_end_id="RD1")

    @pytest.mark.parametrize("part", PARTS)
    def test_keep_whoever_judged_it_or_handed_it_in_from_both(self, world: World, part: str) -> None:
        request = agreed(world)
        PARTS[part](request, settle("lena"))

        with refused(Refused, "nothing_to_pay"):
            prepared()

        file = prepare_file(currency="GBP", actor=settle("luis"), at=LATER)
        with refused(NotPermitted, "self_approval"):
            release_file(file_id=file.pk, actor=settle("lena"), at=LATER)

    def test_leave_what_was_prepared_as_it_is(self, world: World) -> None:
        agreed(world)
        file = released(prepared())

        for change in ({"total_minor": 1}, {"sha256": "0" * 64}, {"state": "discarded", "released_by": None}):
            with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
                PaymentFile.objects.filter(pk=file.pk).update(**change)


class TestTheStatement:
    def test_confirms_a_transfer_and_closes_its_request(self, world: World) -> None:
        request = agreed(world)
        released(prepared())
        assert as_stored(request).state == State.PROCESSING
        assert operation_of(request).state == OperationState.PENDING

        imported(statement(debit(operation_of(request))))

        payment = payment_of(request)
        assert (operation_of(request).state, as_stored(request).state) == (OperationState.SUCCEEDED, State.RECONCILED)
        assert (payment.refunded_minor, payment.reserved_minor) == (100_00, 0)
        assert CustomerMessage.objects.filter(subject_id=request.pk, template="refund_paid").exists()

    def test_that_brings_it_back_later_fails_it_and_gives_the_balance_back(self, world: World) -> None:
        request = agreed(world)
        released(prepared())
        imported(statement(debit(operation_of(request))))

        imported(statement(returned(operation_of(request)), first=2))

        payment, failed = payment_of(request), as_stored(request)
        assert (failed.state, failed.failure_reason) == (State.FAILED, "bank_returned")
        assert (payment.refunded_minor, payment.reserved_minor) == (0, 100_00)
        assert proposed(failed).state == State.AWAITING_APPROVAL

    def test_that_books_and_brings_back_at_once_leaves_it_failed(self, world: World) -> None:
        request = agreed(world)
        released(prepared())

        imported(statement(debit(operation_of(request)), returned(operation_of(request))))

        assert as_stored(request).state == State.FAILED
        assert payment_of(request).reserved_minor == 100_00

    def test_with_another_amount_confirms_nothing(self, world: World) -> None:
        request = agreed(world)
        released(prepared())

        imported(statement(debit(operation_of(request), minor=99_99)))

        assert operation_of(request).state == OperationState.PENDING

    def test_that_does_not_add_up_is_refused_whole(self, world: World) -> None:
        request = agreed(world)
        released(prepared())

        with pytest.raises(Refused, match="apart"):
            imported(statement(debit(operation_of(request)), off_by=1))

        assert operation_of(request).state == OperationState.PENDING

    def test_is_what_the_sweep_asks_for_what_is_pending(self, world: World) -> None:
        request = agreed(world)
        released(prepared())

        sweep_operations(at=LATER.replace(hour=23))

        assert operation_of(request).state == OperationState.PENDING


class TestBothSides:
    def test_ask_of_no_statement_what_our_own_books_paid(self, world: World) -> None:
        failed = came_back(world)
        signed(proposed(failed), by=settle("viktor"))
        perform_operation(operation_id=operation_of(failed).pk, at=LATER)

        assert not operations_without_line(settle("lena"), Period()).exists()
        assert totals(settle("lena"), Period()) == []

    def test_agree_once_the_bank_has_told(self, world: World) -> None:
        request = agreed(world)
        released(prepared())
        imported(statement(debit(operation_of(request))))

        (total,) = totals(settle("lena"), Period())

        assert (total.processor, total.ours, total.matched_count) == (request.amount, request.amount, 1)
        assert not is_late(operation_of(request), {(False, "GBP"): LATER + timedelta(days=90)})
        assert is_late(operation_of(request), {(True, "GBP"): LATER + timedelta(days=90)})


class TestASecondPayment:
    def test_never_follows_a_card_refund_that_the_processor_shows_after_all(self, world: World) -> None:
        request = agreed(world)
        first = Operation.objects.filter(refund_request=request).earliest("created_at")
        assert (first.state, first.external_id is not None) == (OperationState.FAILED, True)

        with pytest.raises(IntegrityError, match="one_live_operation_per_request"), transaction.atomic():
            Operation.objects.filter(pk=first.pk).update(state=OperationState.SUCCEEDED)


class TestThePages:
    def test_lead_from_what_waits_to_the_file_for_the_bank(self, world: World, client: Client) -> None:
        agreed(world)
        Operation.objects.filter(state=OperationState.READY).update(next_try_at=NOON)
        client.force_login(settle("lena"))
        page = client.get(reverse("refunds:payment_files")).content.decode()
        assert "Prepare a file in GBP" in page
        answer = client.post(reverse("refunds:prepare_payment_file"), {"currency": "GBP"})
        file = PaymentFile.objects.get()
        address = reverse("refunds:payment_file", args=[file.pk])
        assert (answer.status_code, answer["Location"]) == (302, address)
        assert "Release" not in client.get(address).content.decode().replace("Released", "").replace("Releases", "")
        assert client.post(reverse("refunds:release_payment_file", args=[file.pk])).status_code == 403

        client.force_login(settle("luis"))
        assert "DE89370400440532013000" in client.get(address).content.decode()
        client.post(reverse("refunds:release_payment_file", args=[file.pk]))
        content = client.get(reverse("refunds:payment_file_content", args=[file.pk]))

        assert hashlib.sha256(content.content).hexdigest() == file.sha256
        assert content["Content-Disposition"].startswith("attachment")

    def test_show_an_auditor_the_last_characters_only(self, world: World, client: Client) -> None:
        agreed(world)
        file = prepared()
        client.force_login(settle("ada"))

        page = client.get(reverse("refunds:payment_file", args=[file.pk])).content.decode()

        assert "DE•• •••• 3000" in page
        assert "DE89" not in page
        assert client.get(reverse("refunds:payment_file_content", args=[file.pk])).status_code == 403

    def test_hide_files_of_other_teams(self, world: World) -> None:
        agreed(world)
        file = prepared()

        assert list(files_visible_to(settle("luis"))) == [file]
        assert not files_visible_to(settle("asha")).exists()
