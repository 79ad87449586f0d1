"""Reading what the accounts behind some requests share; one that never asked adds nothing a pattern could count."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from evidence.models import AttachmentReuse, CustomerMessage
from evidence.vocabulary import SHOWN_STATES, Likelihood
from refunds.models import Customer
from refunds.models.refund_request import KIND

from .identity import Account, Identity, Mark, identities, mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

    from refunds.models import RefundRequest


def identities_behind(asked: QuerySet[RefundRequest]) -> Mapping[int, Identity]:
    """Say of each account that asked who it is."""
    asked = asked.exclude(customer=None)
    marks: dict[int, set[Mark]] = {pk: set() for pk in asked.values_list("customer", flat=True).distinct()}
    for read in (_of_account, _of_payment, _of_bank, _of_letters, _of_parcels, _of_tickets, _of_photos):
        for pk, mark in read(asked):
            # Somebody may ask for the first time between two of these queries; the next reading knows her.
            if pk in marks:
                marks[pk].add(mark)
    return identities(Account(pk, frozenset(found)) for pk, found in marks.items())


def _of_account(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    accounts = Customer.objects.filter(pk__in=asked.values("customer"))
    for pk, email, name, country in accounts.values_list("pk", "email", "name", "country"):
        if box := mailbox(email):
            yield pk, Mark("mailbox", box)
        if name and country:
            yield pk, Mark("name and country", f"{name} {country}".casefold())


def _of_payment(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    cards = asked.exclude(payment__last4="").exclude(payment=None).exclude(customer__name="")
    for pk, name, last4 in cards.values_list("customer_id", "customer__name", "payment__last4").distinct():
        yield _known(pk), Mark("name and card digits", f"{last4} {name.casefold()}")


def _of_bank(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    banks = asked.exclude(payouts__iban_masked="").exclude(payouts=None)
    for pk, holder, iban in banks.values_list(
        "customer_id", "payouts__account_holder", "payouts__iban_masked"
    ).distinct():
        yield _known(pk), Mark("bank account", f"{iban} {holder.casefold()}")


def _of_letters(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    """Tell where letters went: somebody may have given another address than the account has."""
    customers = dict(asked.values_list("pk", "customer_id"))
    letters = CustomerMessage.objects.filter(subject_kind=KIND, subject_id__in=asked.values("pk")).exclude(to="")
    for subject, to in letters.order_by().values_list("subject_id", "to").distinct():
        if subject in customers and (box := mailbox(to)):
            yield _known(customers[subject]), Mark("mailbox", box)


def _of_parcels(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    parcels = asked.exclude(order__delivery_proofs=None).exclude(order__delivery_proofs__tracking="")
    names = ("customer_id", "order__delivery_proofs__carrier", "order__delivery_proofs__tracking")
    for pk, carrier, tracking in parcels.values_list(*names).distinct():
        if tracking:
            yield _known(pk), Mark("parcel", f"{carrier} {tracking}".casefold())


def _of_tickets(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    tickets = asked.exclude(tickets=None)
    for pk, desk, ticket in tickets.values_list("customer_id", "tickets__helpdesk", "tickets__ticket_id").distinct():
        yield _known(pk), Mark("ticket", f"{desk} {ticket}")


def _of_photos(asked: QuerySet[RefundRequest]) -> Iterator[tuple[int, Mark]]:
    """Tell who sent the same file; one that only looks the same links nobody."""
    customers = dict(asked.values_list("pk", "customer_id"))
    same = AttachmentReuse.objects.filter(
        Q(later__subject_kind=KIND, earlier__subject_kind=KIND),
        likelihood=Likelihood.EXACT,
        later__scan_state__in=SHOWN_STATES,
        earlier__scan_state__in=SHOWN_STATES,
        later__subject_id__in=asked.values("pk"),
    )
    by_file: dict[str, set[int]] = defaultdict(set)
    names = ("earlier__sha256", "earlier__subject_id", "later__subject_id")
    for sha256, *subjects in same.values_list(*names):
        by_file[sha256] |= {_known(customers[pk]) for pk in subjects if pk in customers}
    for sha256, several in by_file.items():
        for pk in several:
            yield pk, Mark("photo", sha256)


def _known(customer: int | None) -> int:
    """Name the account; requests without one were left out."""
    assert customer is not None  # noqa: S101 - see above
    return customer
