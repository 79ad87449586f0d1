"""What went, what is still there and why: for the people who answer the customer, in sentences for the letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from evidence.models import Attachment, CustomerMessage
from refunds.models import Customer, RefundRequest
from refunds.models.refund_request import KIND
from refunds.vocabulary import ErasureState

from .identity import person_of
from .mentions import words_of
from .waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from config.kernel.people import User
    from refunds.models import Erasure

    from .identity import Person
    from .waiting import Wait

GONE = {
    "customers": "Customer records without name, e-mail address and country",
    "requests": "Requests without their notes, questions, reasons and files",
    "files": "Files deleted, with their thumbnails, names and hashes",
    "letters": "Letters without recipient and words",
    "webhook_bodies": "Messages of the payment processor emptied",
    "stored_answers": "Stored answers of the API erased",
    "mentions": "Other texts in which the name or the address was struck out",
    "names_left_alone": "Names not searched for in other texts, because somebody else bears them or they are too short",
}
ALWAYS_KEPT = (
    "Amounts, dates, states and numbers of orders, payments and refunds stay as accounting records without a name"
    " (Art. 17(3)(b) GDPR)."
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure of a person would cover, before anybody asks for it."""

    person: Person
    request_count: int
    file_count: int
    letter_count: int
    left_alone: tuple[str, ...]
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What became of an erasure: `gone` counts by words, `waits` says what is still there and why."""

    gone: tuple[tuple[str, int], ...]
    waits: tuple[Wait, ...]
    letter: tuple[str, ...]


def preview_of(viewer: User, customer: Customer, *, on: date) -> Preview:
    """Count what would go, and say what would stay for now."""
    person = person_of(viewer, customer)
    requests = RefundRequest.objects.filter(customer__in=person.covered).values("pk")
    about = Q(subject_kind=KIND, subject_id__in=requests, erased_at=None)
    return Preview(
        person=person,
        request_count=requests.count(),
        file_count=Attachment.objects.filter(about).count(),
        letter_count=CustomerMessage.objects.filter(about).count(),
        left_alone=tuple(words_of(person.covered)[1]),
        waits=tuple(waits_of(person.covered, on=on)),
    )


def account_of(erasure: Erasure, *, on: date) -> Account:
    """Say what went and what did not."""
    customers = list(Customer.objects.filter(covered_by__erasure=erasure).order_by("pk"))
    is_live = erasure.state in {ErasureState.WAITING, ErasureState.BLOCKED}
    waits = tuple(waits_of(customers, on=on)) if is_live else ()
    gone = tuple((GONE[name], count) for name, count in erasure.outcome.items() if count and name in GONE)
    return Account(gone=gone, waits=waits, letter=tuple(_letter(erasure, gone, waits)))


def _letter(erasure: Erasure, gone: Sequence[tuple[str, int]], waits: Sequence[Wait]) -> list[str]:
    if erasure.state == ErasureState.WAITING:
        return ["Nothing was erased yet: a second person has to confirm it."]
    if erasure.state == ErasureState.REFUSED:
        return ["Nothing was erased: a second person refused it."]
    lines = [f"Ground: {erasure.get_basis_display()}."]
    lines += [f"{words}: {count}." for words, count in gone] or ["Nothing was erased so far."]
    for wait in waits:
        until = f" It goes on {wait.until:%d %B %Y}." if wait.until is not None else ""
        lines.append(f"Still kept: {wait.outside or wait.what}. {wait.why}{until}")
    return [*lines, ALWAYS_KEPT]
