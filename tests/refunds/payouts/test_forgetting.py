"""An account goes with the voucher it substantiates, and a payment file when its years are over."""

from __future__ import annotations

import pytest

from refunds.erasures.carrying_out import carry_out_erasure
from refunds.erasures.night import empty_out_of_time
from refunds.models import AlternatePayout, Customer, PaymentFile, RefundRequest
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import World, as_stored
from tests.refunds.erasures.people import confirmed, years

from .banking import debit, imported, statement
from .stage import LATER, operation_of
from .test_payment_files import agreed, prepared, released

pytestmark = pytest.mark.django_db


def paid(world: World) -> RefundRequest:
    """Have a transfer that the bank confirmed."""
    request = agreed(world)
    released(prepared())
    imported(statement(debit(operation_of(request))))
    return as_stored(request)


class TestAnAccount:
    def test_stays_as_long_as_the_voucher_and_goes_with_it(self, world: World) -> None:
        request = paid(world)
        customer = Customer.objects.get(refund_requests=request)
        order_of(request).customer = customer
        order_of(request).save()
        erasure = confirmed(world, customer, at=LATER)
        carry_out_erasure(erasure_id=erasure.pk, at=LATER)
        assert AlternatePayout.objects.get().account_holder

        carry_out_erasure(erasure_id=erasure.pk, at=LATER + years(12))

        gone = AlternatePayout.objects.get()
        assert (gone.account_holder, gone.iban_sealed, gone.iban_masked, gone.rationale) == ("", "", "", "")
        assert (gone.method, gone.amount_minor, gone.proposed_by) == ("bank_transfer", 100_00, settle("lena"))


class TestAPaymentFile:
    def test_is_emptied_once_its_years_are_over_and_keeps_its_sums(self, world: World) -> None:
        paid(world)

        empty_out_of_time(at=LATER + years(5))
        assert PaymentFile.objects.get().sealed
        empty_out_of_time(at=LATER + years(12))

        file = PaymentFile.objects.get()
        assert (file.sealed, file.total_minor, len(file.sha256)) == ("", 100_00, 64)
