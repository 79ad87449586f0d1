"""Builders that speak the real verbs, so that no test starts from a state the product cannot reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from config.kernel import outbox
from policies import publishing
from policies.cataloguing import write_catalogue
from policies.models import Policy
from refunds import workflow
from refunds.intake import AskedLine, Draft
from refunds.models import Customer, Order, OrderLine, Payment, RefundRequest

from .founding import found
from .people import settle, settle_teams

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from policies.models import PolicyVersion

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""The moment every test happens at, unless it says otherwise."""

TEMPLATES = {"uk-retail": "retail-goods", "us-dtc": "ecommerce-dtc", "eu-saas": "saas-subscription"}
SHADOWED = {"eu-saas"}

_numbers = count(1)


class World:
    """A small shop with three teams, their policies, and a way to sell and give back."""

    def __init__(self) -> None:
        """Settle teams, codes and policies."""
        found(self._settle)
        self.teams = settle_teams()

    def _settle(self) -> None:
        self.teams = settle_teams()
        write_catalogue()
        for slug in self.teams:
            self.policy(slug)

    def team(self, slug: str = "uk-retail") -> Team:
        """Name a team."""
        return self.teams[slug]

    def policy(self, team: str = "uk-retail") -> PolicyVersion:
        """Put the team's template in force: Root writes it, Mei publishes it."""
        existing = Policy.objects.filter(team=self.teams[team]).first()
        if existing is not None:
            return existing.versions.get(state="published")
        author, publisher = settle("root"), settle("mei")
        enforced = [] if team in SHADOWED else ["refund"]
        version = publishing.install_template(
            slug=TEMPLATES[team], team=self.teams[team], actor=author, at=NOON, enforced_categories=enforced
        )
        publishing.send_to_review(version_id=version.pk, actor=author, at=NOON)
        return publishing.publish_version(version_id=version.pk, actor=publisher, at=NOON)

    def order(  # noqa: PLR0913 - a test names what matters to it
        self,
        *,
        team: str = "uk-retail",
        unit_minor: int = 25_00,
        quantity: int = 4,
        line_count: int = 1,
        days_ago: int = 8,
        final_sale: bool = False,
        shipping_minor: int = 0,
        customer: Customer | None = None,
        at: datetime = NOON,
    ) -> Order:
        """Sell something: `line_count` lines of `quantity` pieces at `unit_minor`, paid by card, `days_ago`."""
        number = next(_numbers)
        placed_at = at - timedelta(days=days_ago)
        owner = self.teams[team]
        order = Order.objects.create(
            channel="shop-uk",
            external_id=f"N{number}",
            team=owner,
            customer=customer,
            placed_at=placed_at,
            currency=owner.currency,
            shipping_minor=shipping_minor,
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order,
                line=str(place + 1),
                sku=f"SKU{place}",
                title=f"Lamp {place}",
                category="home",
                quantity=quantity,
                unit_price_minor=unit_minor,
                final_sale=final_sale,
            )
            for place in range(line_count)
        )
        Payment.objects.create(
            order=order,
            gateway="stripe",
            external_id=f"pi_test_{number}",
            currency=owner.currency,
            captured_minor=unit_minor * quantity * line_count + shipping_minor,
            captured_at=placed_at,
            method="card",
            last4="4242",
        )
        return order

    def customer(self) -> Customer:
        """Know somebody who has bought for three years."""
        since = (NOON - timedelta(days=3 * 365)).date()
        return Customer.objects.create(channel="shop-uk", external_id=f"C{next(_numbers)}", name="Ada", since=since)

    def draft_of(self, order: Order, *, quantity: int = 1, reason: str = "changed_mind", line: str = "1") -> Draft:
        """Ask for some pieces of one line."""
        return Draft(
            channel=order.channel,
            order=order.external_id,
            reason=reason,
            lines=[AskedLine(line=line, quantity=quantity, condition="unopened")],
        )

    def filed(
        self, order: Order, *, by: User, quantity: int = 1, reason: str = "changed_mind", at: datetime = NOON
    ) -> RefundRequest:
        """File and submit a request."""
        return workflow.file_request(draft=self.draft_of(order, quantity=quantity, reason=reason), actor=by, at=at)

    def waiting(self, *, by: User, pounds: int = 100, at: datetime = NOON) -> RefundRequest:
        """File a request that is within policy and waits for a signature."""
        return self.filed(self.order(unit_minor=pounds * 100, at=at), by=by, at=at)

    def approved(self, *, by: User, approver: User, pounds: int = 100, at: datetime = NOON) -> RefundRequest:
        """File a request and have it approved; the money is queued."""
        waiting = self.waiting(by=by, pounds=pounds, at=at)
        return workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=approver, at=at
        )


def as_stored(refund_request: RefundRequest) -> RefundRequest:
    """Read a request anew from the database."""
    return RefundRequest.objects.get(pk=refund_request.pk)


def payment_of(refund_request: RefundRequest) -> Payment:
    """Read the payment of a request anew."""
    return Payment.objects.get(refund_requests=refund_request)


def drain() -> int:
    """Deliver everything in the outbox in this process."""
    return outbox.drain()
