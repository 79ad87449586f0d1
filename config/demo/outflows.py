"""Money that leaves outside refund requests: asked about and signed for, carried out, or seen only afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.vocabulary import Category, Verdict
from config.kernel.money import Money
from config.kernel.people import Team
from policies.actions.asking import Wish
from policies.actions.deciding import decide
from policies.actions.explaining import explain
from policies.vocabulary import ActionState, Explanation
from refunds.actions.asking import ask
from refunds.actions.executing import carry_out
from refunds.actions.observing import observe_refund

from .calendars import worked_before
from .people import BOT, TEAMS, person
from .shops import Sale
from .words import PRODUCTS

if TYPE_CHECKING:
    from datetime import datetime

    from policies.models import GovernedAction

    from .people import DemoTeam
    from .sandbox import SandboxDesk

BRAND = next(team for team in TEAMS if team.slug == "us-dtc")
GATEWAY = "stripe"
SOLD_DAYS, EXPLAINED_DAYS, SEEN_DAYS = 45, 33, 2
PAID_OUT_MINOR, WAITING_MINOR, FEE_MINOR, FEE_BACK_MINOR = 1_450_00, 3_200_00, 64_00, 18_40
BY_HAND_MINOR = 25_00


class Outflows:
    """Two sales of one shop whose refunds somebody makes at the processor, and what the same shop asks about."""

    def __init__(self, *, now: datetime) -> None:
        """Sell what will be given back elsewhere."""
        self.now = now
        goods = PRODUCTS[BRAND.slug]
        self.explained, self.seen = (
            Sale(now - timedelta(days=SOLD_DAYS), [(goods[4 + place], 2)], customer=-1 - place) for place in range(2)
        )

    def sales_of(self, team: DemoTeam) -> list[Sale]:
        """List the sales of one shop, to be written with its others."""
        return [self.explained, self.seen] if team is BRAND else []

    def play(self, desk: SandboxDesk) -> None:
        """Let them happen; the sandbox must know the sales."""
        self._pay_out()
        self._give_a_fee_back(desk)
        self._refund_without_us(desk)

    def _pay_out(self) -> None:
        """One payout small enough to leave by itself four days ago, one that waits for a signature."""
        self._done(self._asked(Category.PAYOUT, PAID_OUT_MINOR, "scheduled", by=BOT, days=4))
        at = worked_before(BRAND.slug, BRAND.time_zone, hours=1.5, now=self.now)
        ask(wish=_wish(Category.PAYOUT, WAITING_MINOR, "scheduled"), actor=person("lena"), at=at)

    def _give_a_fee_back(self, desk: SandboxDesk) -> None:
        """A part of an application fee, signed for by a director and carried out by us."""
        fee = desk.take_fee(FEE_MINOR, BRAND.currency)
        asked = self._asked(
            Category.APPLICATION_FEE_REFUND, FEE_BACK_MINOR, "billing_error", by="lena", days=6, about=fee
        )
        if asked.state == ActionState.AWAITING_APPROVAL:
            asked = decide(
                reference=asked.reference,
                verdict=Verdict.APPROVE,
                rationale="The fee was taken on a sale that the seller had cancelled the same day.",
                actor=person("vera"),
                at=asked.created_at + timedelta(hours=2),
            )
        self._done(asked)

    def _refund_without_us(self, desk: SandboxDesk) -> None:
        """Two refunds that a colleague made in the processor's dashboard: one explained since, one seen lately."""
        explained = self._by_hand(desk, self.explained, days=EXPLAINED_DAYS)
        explain(
            reference=explained.reference,
            code=Explanation.DASHBOARD,
            note="Asha pressed the button there because the portal was slow; shown again how to file it here.",
            actor=person("lena"),
            at=explained.created_at + timedelta(days=1),
        )
        self._by_hand(desk, self.seen, days=SEEN_DAYS)

    def _asked(
        self, category: Category, minor: int, reason: str, *, by: str, days: int, about: str = ""
    ) -> GovernedAction:
        return ask(wish=_wish(category, minor, reason, about), actor=person(by), at=self.now - timedelta(days=days))

    def _done(self, action: GovernedAction) -> None:
        carry_out(action_id=action.pk, at=(action.decided_at or action.created_at) + timedelta(seconds=20))

    def _by_hand(self, desk: SandboxDesk, sale: Sale, *, days: int) -> GovernedAction:
        left_at = self.now - timedelta(days=days)
        payment = sale.order.payments.get()
        refund = desk.gateway.get(desk.refund_by_hand(payment.external_id, BY_HAND_MINOR))
        if refund is None:
            message = f"The sandbox does not show the refund it just made of {payment}."
            raise ValueError(message)
        # The sandbox lives today; the story of this refund began earlier.
        seen = observe_refund(
            gateway=GATEWAY, refund=replace(refund, created_at=left_at), at=left_at + timedelta(minutes=6)
        )
        if seen is None:
            message = f"Nobody saw the refund of {payment}."
            raise ValueError(message)
        return seen


def _wish(category: Category, minor: int, reason: str, about: str = "") -> Wish:
    return Wish(
        team=Team.objects.get(slug=BRAND.slug),
        category=category,
        amount=Money(minor, BRAND.currency),
        reason=reason,
        gateway=GATEWAY,
        about=about,
        is_to_be_executed=True,
    )
