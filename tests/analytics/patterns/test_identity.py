"""Who is the same somebody: marks that people do not share by accident, weighed, and never a whole office."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.patterns.accounts import identities_behind
from analytics.patterns.identity import (
    ENOUGH,
    MOST_SHARED,
    MOST_SHARED_ELSE,
    MOST_TOGETHER,
    WEIGHTS,
    Account,
    Identity,
    Mark,
    identities,
    mailbox,
)
from evidence.models import CustomerMessage
from refunds.models import Customer, DeliveryProof, Helpdesk, Payment, RefundRequest, TicketLink
from refunds.models.refund_request import KIND
from refunds.vocabulary import ProofSource
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from tests.harness.world import World


def account(pk: int, **words: str) -> Account:
    """Make an account; `mail="a"` is a mailbox, `card`, `bank`, `parcel`, `ticket`, `photo` and `name` as the marks."""
    names = {
        "mail": "mailbox",
        "bank": "bank account",
        "card": "name and card digits",
        "name": "name and country",
    }
    return Account(pk, frozenset(Mark(names.get(word, word), text) for word, text in words.items()))


def joined(*accounts: Account) -> dict[int, int]:
    return {pk: found.id for pk, found in identities(accounts).items()}


class TestIdentities:
    def test_join_what_shares_a_mark_also_through_others(self) -> None:
        found = identities(
            [account(3, mail="a"), account(5, mail="a", card="b"), account(9, card="b"), account(4, card="c")]
        )

        chain = Identity(3, 3, ("mailbox", "name and card digits"))
        assert found == {3: chain, 5: chain, 9: chain, 4: Identity(4, 1, ())}

    @pytest.mark.parametrize("weak", [what for what, weight in WEIGHTS.items() if weight < ENOUGH])
    def test_are_not_joined_by_one_weak_mark(self, weak: str) -> None:
        one, other = (Account(pk, frozenset({Mark(weak, "same")})) for pk in (1, 2))

        assert joined(one, other) == {1: 1, 2: 2}

    def test_are_joined_by_weak_marks_that_come_to_enough(self) -> None:
        assert joined(account(1, ticket="t", name="n"), account(2, ticket="t", name="n")) == {1: 1, 2: 1}
        assert joined(account(1, ticket="t", name="n"), account(2, ticket="t", name="m")) == {1: 1, 2: 2}
        assert joined(account(1, ticket="t", photo="p"), account(2, ticket="t", photo="p")) == {1: 1, 2: 1}

    def test_say_only_what_linked_them(self) -> None:
        found = identities([account(1, mail="a", name="n"), account(2, mail="a", name="m")])

        assert found[2].linked_by == ("mailbox",)

    @pytest.mark.parametrize("what", WEIGHTS)
    def test_are_not_joined_by_what_a_whole_office_shares(self, what: str) -> None:
        most = MOST_SHARED.get(what, MOST_SHARED_ELSE)

        def shared(count: int) -> set[int]:
            return {
                found.account_count
                for found in identities(Account(pk, frozenset({Mark(what, "same")})) for pk in range(count)).values()
            }

        assert shared(most) == ({most} if WEIGHTS[what] >= ENOUGH else {1})
        assert shared(most + 1) == {1}

    def test_never_grow_beyond_a_limit_and_keep_the_surest(self) -> None:
        # Each is linked to the next by a parcel; the last two by a mailbox, which is surer.
        chain = [
            Account(pk, frozenset({Mark("parcel", str(pk)), Mark("parcel", str(pk + 1))}))
            for pk in range(MOST_TOGETHER + 5)
        ]
        last = MOST_TOGETHER + 3
        for place in (last, last + 1):
            chain[place] = Account(place, chain[place].marks | {Mark("mailbox", "m")})

        found = identities(chain)

        assert max(one.account_count for one in found.values()) <= MOST_TOGETHER
        assert found[last] == found[last + 1]

    def test_do_not_hang_on_the_order(self) -> None:
        accounts = [account(pk, mail=f"m{pk // 2}", card=f"c{(pk + 1) // 2}") for pk in range(30)]

        assert identities(accounts) == identities(reversed(accounts))

    def test_see_through_a_plus_and_dots_that_mean_nothing(self) -> None:
        assert mailbox(" Ada.L+shop@GoogleMail.com ") == mailbox("adal@gmail.com")
        assert mailbox("ada.l@example.com") != mailbox("adal@example.com")
        assert (mailbox(""), mailbox("+a@example.com")) == ("", "")


@pytest.fixture
def two(world: World) -> tuple[RefundRequest, RefundRequest]:
    """Two requests of customers who share nothing."""
    found = []
    for number in range(2):
        request = world.waiting(by=settle("amir"), pounds=100 + number)
        customer = Customer.objects.create(channel="shop", external_id=f"x{number}", name=f"Carl {number}")
        RefundRequest.objects.filter(pk=request.pk).update(customer=customer)
        assert request.payment_id is not None
        Payment.objects.filter(pk=request.payment_id).update(last4=f"424{number}")
        found.append(RefundRequest.objects.select_related("order").get(pk=request.pk))
    return found[0], found[1]


def buyers(two: tuple[RefundRequest, RefundRequest]) -> list[Customer]:
    return list(Customer.objects.filter(pk__in=[one.customer_id for one in two if one.customer_id]).order_by("pk"))


def linked_by(*requests: RefundRequest) -> tuple[str, ...]:
    asked = RefundRequest.objects.filter(pk__in=[one.pk for one in requests]).order_by()
    [first, second] = sorted(identities_behind(asked).items())
    assert first[1].linked_by == second[1].linked_by
    return first[1].linked_by


@pytest.mark.django_db
class TestIdentitiesBehind:
    def test_are_apart_where_nothing_is_shared(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        assert linked_by(*two) == ()

    def test_share_a_mailbox(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        for customer, email in zip(buyers(two), ("carl@example.com", "Carl+2@example.com"), strict=True):
            Customer.objects.filter(pk=customer.pk).update(email=email)

        assert linked_by(*two) == ("mailbox",)

    def test_share_the_mailbox_a_letter_went_to(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        Customer.objects.filter(pk=buyers(two)[0].pk).update(email="carl@example.com")
        CustomerMessage.objects.create(
            subject_kind=KIND, subject_id=two[1].pk, team=two[1].team, reference="R", template="refund_declined",
            language="en", to="carl@example.com", written_at=NOON, body="", subject_line="",
        )  # fmt: skip

        assert linked_by(*two) == ("mailbox",)

    def test_share_a_name_with_card_digits(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        Customer.objects.filter(pk__in=[one.pk for one in buyers(two)]).update(name="Carl Ray")
        Payment.objects.filter(pk__in=[one.payment_id for one in two if one.payment_id]).update(last4="4242")

        assert linked_by(*two) == ("name and card digits",)

    def test_share_a_parcel(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        for request in two:
            assert request.order is not None
            DeliveryProof.objects.create(
                order=request.order, source=ProofSource.CARRIER, external_id="1", carrier="DHL", tracking="JD0001",
                told_at=NOON - timedelta(days=3),
            )  # fmt: skip

        assert linked_by(*two) == ("parcel",)

    def test_share_a_ticket_and_a_name(self, two: tuple[RefundRequest, RefundRequest]) -> None:
        desk = Helpdesk.objects.create(slug="desk", title="Desk", created_at=NOON)
        for request in two:
            TicketLink.objects.create(
                refund_request=request, helpdesk=desk, ticket_id="7", linked_by=settle("amir"), linked_at=NOON
            )
        assert linked_by(*two) == ()

        Customer.objects.filter(pk__in=[one.pk for one in buyers(two)]).update(name="Carl Ray", country="GB")

        assert linked_by(*two) == ("ticket", "name and country")
