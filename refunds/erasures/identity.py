"""Who is meant: every row that is the same person for certain, and those that may be, which are shown and not guessed.

The same e-mail address, without regard to case and spaces, is the same person in every channel. The same name is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower, Trim

from config.kernel.refusals import Refused
from config.kernel.wording import said
from refunds.models import Customer
from refunds.permissions import customers_in_reach
from refunds.vocabulary import SamePerson

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an erasure would cover.

    `covered` begins with the one who was named. `alike` bear the same name under another address, or an address that
    differs only behind a plus sign; `hidden_count` have the same address and bought from teams out of reach.
    """

    covered: tuple[Customer, ...]
    alike: tuple[Customer, ...]
    hidden_count: int

    @property
    def named(self) -> Customer:
        """Whom somebody pointed at."""
        return self.covered[0]

    def why(self, customer: Customer) -> SamePerson:
        """Tell why a row is covered."""
        return SamePerson.NAMED if customer == self.named else SamePerson.SAME_EMAIL


def find_person(viewer: User, words: str, *, channel: str = "") -> Person:
    """Find whom a shop's number or an e-mail address means, among the customers of this person's teams.

    :raises Refused: `unknown_customer`, or `ambiguous` when the words fit people with different addresses
    """
    words = words.strip()
    found = customers_in_reach(viewer).filter(Q(external_id=words) | Q(pk__in=_with_address(plain_address(words))))
    if channel:
        found = found.filter(channel=channel)
    named = list(found.order_by("pk")[: MOST_ALIKE + 1])
    if not named or not words:
        raise Refused("unknown_customer", said("No customer of your teams has this number or address."), "customer")
    if len(named) > 1 and len({plain_address(one.email) or one.pk for one in named}) > 1:
        places = ", ".join(f"{one.channel} {one.external_id}" for one in named[:MOST_ALIKE])
        raise Refused(
            "ambiguous",
            said("Several people answer to this: {places}. Name the channel too.", places=places),
            "customer",
        )
    return person_of(viewer, named[0])


def person_of(viewer: User, customer: Customer) -> Person:
    """Gather every row of the person behind one of them."""
    address = plain_address(customer.email)
    same = _with_address(address).exclude(pk=customer.pk)
    seen = customers_in_reach(viewer)
    others = list(same.filter(pk__in=seen.values("pk")).order_by("pk"))
    covered = [customer.pk, *[one.pk for one in others]]
    name = " ".join(customer.name.split())
    alike = seen.exclude(pk__in=covered).filter(_looks_like(name, address)).order_by("pk")[:MOST_ALIKE]
    return Person((customer, *others), tuple(alike), same.count() - len(others))


def plain_address(text: str) -> str:
    """Write an e-mail address the one way in which two of them are compared; empty for what is none."""
    return text.strip().lower() if "@" in text else ""


def _with_address(address: str) -> QuerySet[Customer]:
    if not address:
        return Customer.objects.none()
    return Customer.objects.alias(address=Lower(Trim("email"))).filter(address=address)


def _looks_like(name: str, address: str) -> Q:
    alike = Q(name__iexact=name) if name else Q(pk__in=[])
    local, _, domain = address.partition("@")
    if domain:
        stem = local.partition("+")[0]
        alike |= Q(email__iexact=f"{stem}@{domain}") | (
            Q(email__istartswith=f"{stem}+") & Q(email__iendswith=f"@{domain}")
        )
    return alike
