"""Requests that each show one thing about signatures: parts of a whole, two people, a dead end, a freeze."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.freezing import Frozen
from approvals.models import ApprovalRoute
from approvals.services.desk import ask_colleague
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.vocabulary import Category, FreezeScope, Verdict
from config.kernel.money import Money
from refunds import workflow
from refunds.crediting import CreditDraft
from refunds.disputes.sweeping import sweep_disputes
from refunds.intake import AskedLine, Draft
from refunds.processing.performing import perform_operation

from .calendars import worked_before
from .people import BOT, TEAMS, person
from .sandbox import SandboxDesk
from .shops import Sale
from .words import PRODUCTS

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import RefundRequest

    from .people import DemoTeam

SHOP, PLANS = "uk-retail", "eu-saas"
SOLD_DAYS, TOO_LONG_DAYS = 9, 52
BLANKET, CLOCK, BOARD, CANDLES, CABINET, COUNTER = "HG-006", "HG-013", "HG-005", "HG-002", "HG-017", "HG-018"
BASKET = "HG-015"
BUSINESS_YEAR = "SB-006"
FROZEN_FROM, FROZEN_UNTIL = timedelta(hours=7), timedelta(hours=6)

NOTES = {
    "changed_mind": "Bought for a fair that was called off.",
    "wrong_item": "Oak was ordered, pine came.",
    "billing_error": "Told by telephone: four annual plans were charged after the contract had ended.",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One sale, and the team whose it is."""

    team: DemoTeam
    sale: Sale


class Showpieces:
    """Sold like everything else, before anything happens; then played one after the other, after all the cases."""

    def __init__(self, *, now: datetime) -> None:
        """Sell what will come back, to customers who ask for nothing else."""
        self.now = now
        self.parts = self._sold(SHOP, (BLANKET, 3), (CLOCK, 5), (BOARD, 6), customer=-1)
        self.voted = self._sold(SHOP, (CABINET, 2), customer=-2)
        self.side_by_side = self._sold(SHOP, (COUNTER, 2), customer=-3)
        self.automatic = self._sold(SHOP, (CANDLES, 8), customer=-4)
        self.stopped = self._sold(SHOP, (BLANKET, 4), customer=-5)
        self.refused = self._sold(SHOP, (CLOCK, 2), customer=-6)
        self.late = self._sold(SHOP, (BASKET, 3), customer=-7, days=TOO_LONG_DAYS)
        self.disputed = self._sold(SHOP, (CABINET, 1), customer=-8)
        self.dead_end = self._sold(PLANS, (BUSINESS_YEAR, 4), customer=-1)

    def sales_of(self, team: DemoTeam) -> list[Sale]:
        """List the sales of one shop, to be written with its others."""
        of_signatures = (self.parts, self.voted, self.side_by_side, self.late, self.dead_end)
        pieces = (*of_signatures, self.automatic, self.stopped, self.refused, self.disputed)
        return [piece.sale for piece in pieces if piece.team is team]

    def play(self) -> None:
        """Let them happen; the sandbox must know the sales."""
        self._come_in_parts()
        self._want_two_people()
        self._depart_from_policy()
        self._make_up_for_it()
        self._freeze_the_bot()
        self._end_dead()
        self._ask_at_the_bank()

    def _come_in_parts(self) -> None:
        """Three requests on one order, each small enough to look harmless."""
        for line, pieces, hours in (("1", 3, 3.0), ("2", 5, 2.2), ("3", 6, 1.4)):
            last = self._asked(self.parts, line=line, quantity=pieces, reason="changed_mind", hours=hours)
        ask_colleague(
            route=ApprovalRoute.objects.get(reference=last.reference),
            colleague=person("dana"),
            note="Three parts of one order within two hours; you know this customer.",
            actor=person("viktor"),
            at=self.now - timedelta(minutes=50),
        )

    def _want_two_people(self) -> None:
        """Two of three have to agree on one, a manager and an approver on another; each has one signature."""
        voted = self._asked(self.voted, quantity=2, reason="wrong_item", hours=4)
        self._signed(voted, by="viktor", words="The picking list shows the oak cabinet; the customer has the pine one.")
        dear = self._asked(self.side_by_side, quantity=2, reason="changed_mind", hours=5)
        self._signed(dear, by="vera", words="Still packed as delivered; the carrier collects both on Thursday.")

    def _depart_from_policy(self) -> None:
        """A reviewer grants what came back too late; an approver still signs for the money."""
        late = self._asked(self.late, quantity=3, reason="changed_mind", hours=2.5)
        workflow.grant_exception(
            reference=late.reference,
            code="GOODWILL_RETENTION",
            rationale="The customer wrote within the window; the answer was late on our side.",
            actor=person("mei"),
            at=self._worked_before(self.late, hours=1.7),
        )

    def _make_up_for_it(self) -> None:
        """A customer is to get something for her trouble; it takes nothing from what she paid."""
        buyer = self.voted.sale.order.customer
        if buyer is None:
            return
        draft = CreditDraft(
            amount=Money(75_00, self.voted.team.currency),
            customer=buyer.external_id,
            team=SHOP,
            channel=self.voted.team.channel,
            reason="wrong_item",
            note="The second wrong cabinet in a row; she took a day off for each delivery.",
        )
        workflow.file_request(draft=draft, actor=person("amir"), at=self._worked_before(self.voted, hours=0.8))

    def _freeze_the_bot(self) -> None:
        """A helpdesk bot that files too much is stopped for an hour; its money waits, and then goes on."""
        bot, lena = person(BOT), person("lena")
        set_freeze(
            target=Target(scope=FreezeScope.CATEGORY, category=Category.DISPUTE),
            why="The processor moves our dispute desk this week; until then nobody gives in to one.",
            actor=lena,
            at=self.now - timedelta(days=3),
        )
        filed_at = self.now - FROZEN_FROM - timedelta(minutes=20)
        automatic = self._filed(self.automatic, by=BOT, quantity=8, reason="changed_mind", at=filed_at)
        stopped = self._filed(self.stopped, by=BOT, quantity=4, reason="changed_mind", at=filed_at)
        freeze = set_freeze(
            target=Target(scope=FreezeScope.AGENT, agent=bot),
            why="Files the same conversation several times since this morning's release.",
            actor=lena,
            at=self.now - FROZEN_FROM,
        )
        operation = automatic.operations.get()
        perform_operation(operation_id=operation.pk, at=self.now - FROZEN_FROM + timedelta(minutes=2))
        with suppress(Frozen):
            at = self.now - FROZEN_FROM + timedelta(minutes=9)
            self._signed(stopped, by="dana", words="Unopened and in time.", at=at)
        with suppress(Frozen):
            at = self.now - FROZEN_FROM + timedelta(minutes=15)
            self._filed(self.refused, by=BOT, quantity=2, reason="changed_mind", at=at)
        why = "The release was rolled back; the three conversations were read by Amir."
        lift_freeze(switch_id=freeze.pk, why=why, actor=lena, at=self.now - FROZEN_UNTIL)
        perform_operation(operation_id=operation.pk, at=self.now - FROZEN_UNTIL + timedelta(minutes=1))

    def _end_dead(self) -> None:
        """A director enters by telephone what only directors may sign, while the other one is on leave."""
        self._asked(self.dead_end, by="vera", quantity=4, reason="billing_error", hours=6)

    def _ask_at_the_bank(self) -> None:
        """A customer asks her bank about the charge while her refund waits; it is held, and refunding would help."""
        asked = self._asked(self.disputed, quantity=1, reason="wrong_item", hours=3)
        if asked.payment is not None:
            SandboxDesk().complain(asked.payment.external_id, "inquiry")
            sweep_disputes(gateway=asked.payment.gateway, at=self.now)

    def _sold(self, team: str, *lines: tuple[str, int], customer: int, days: int = SOLD_DAYS) -> Piece:
        goods = {product.sku: product for product in PRODUCTS[team]}
        sale = Sale(self.now - timedelta(days=days), [(goods[sku], count) for sku, count in lines], customer=customer)
        return Piece(next(demo_team for demo_team in TEAMS if demo_team.slug == team), sale)

    def _asked(
        self, piece: Piece, *, quantity: int, reason: str, hours: float, by: str = "amir", line: str = "1"
    ) -> RefundRequest:
        at = self._worked_before(piece, hours=hours)
        return self._filed(piece, by=by, quantity=quantity, reason=reason, at=at, line=line)

    def _worked_before(self, piece: Piece, *, hours: float) -> datetime:
        return worked_before(piece.team.slug, piece.team.time_zone, hours=hours, now=self.now)

    def _filed(
        self, piece: Piece, *, by: str, quantity: int, reason: str, at: datetime, line: str = "1"
    ) -> RefundRequest:
        draft = Draft(
            channel=piece.team.channel,
            order=piece.sale.order.external_id,
            reason=reason,
            note=NOTES[reason],
            lines=[AskedLine(line=line, quantity=quantity, condition="unopened")],
        )
        return workflow.file_request(draft=draft, actor=person(by), at=at)

    def _signed(self, refund_request: RefundRequest, *, by: str, words: str, at: datetime | None = None) -> None:
        moment = at or self.now - timedelta(minutes=40)
        workflow.decide(
            reference=refund_request.reference,
            verdict=Verdict.APPROVE,
            rationale=words,
            signed_in_at=moment,
            actor=person(by),
            at=moment,
        )
