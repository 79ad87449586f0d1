"""Drive real returns through the portal, as if it had been there when they happened.

The rules, all of them fixed:

* Each credit note becomes one request on each original order: reason `changed_mind`, condition `unopened`, filed by
  Amir at the moment it was credited and judged by the policy in force now. The policy is today's, the history is not.
* A line that was credited below its price asks for what was credited. Above the price paid nothing can be asked; the
  part above is counted apart.
* What policy refers: Mei grants an exception for the window up to 60 days after the purchase, with WINDOW_EXPIRED, and
  declines the rest.
* What needs a signature is approved by whoever has the smallest sufficient limit: Dana, Viktor, Vera.
* The payments worker pays at the sandbox; Lena uploads the sandbox's payout report and the portal matches it.

A request is found again by its order and its note, so a second run goes on where the first one stopped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from approvals.vocabulary import Verdict
from config.kernel.refusals import Refused
from refunds import workflow
from refunds.intake import AskedLine, Draft
from refunds.models import OrderLine, RefundRequest
from refunds.processing.performing import perform_operation
from refunds.vocabulary import State

from .people import PERSONAS, person

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Team

    from .returns import GoodsReturn

GRANTED_UP_TO = timedelta(days=60)
CODE = "WINDOW_EXPIRED"
REASON, CONDITION = "changed_mind", "unopened"
AGENT, REVIEWER = "amir", "mei"
APPROVERS = ("dana", "viktor", "vera")
RATIONALE = "The goods are back, complete and unopened, as the credit note says."
TOO_LATE = "Returned more than 60 days after the purchase, without a cause we know."
TRIES, PAUSE_SECONDS = 20, 0.5


@dataclass(slots=True)
class Filed:
    """What became of one return: its request if there is one, what could not be asked for, and the code of why."""

    goods: GoodsReturn
    refund_request: RefundRequest | None = None
    above_price_minor: int = 0
    refusal: str = ""

    @property
    def asked_minor(self) -> int:
        """What was or would have been asked for."""
        return self.goods.credited_minor - self.above_price_minor


class Script:
    """The people of the replay and the rules they go by."""

    def __init__(self, team: Team, channel: str) -> None:
        """Call everybody in."""
        self.channel = channel
        self.zone = ZoneInfo(team.time_zone)
        self._people = {name: person(name) for name in (AGENT, REVIEWER, *APPROVERS)}
        self._limits = {one.username: one.limit_minor for one in PERSONAS if one.username in APPROVERS}

    def play(self, goods: GoodsReturn) -> Filed:
        """File one return, or find its request again, and bring it as far as people and programs can."""
        at = goods.credited_at.replace(tzinfo=self.zone)
        filed = self._file(goods, at)
        if filed.refund_request is not None:
            filed.refund_request = self._carry_on(filed.refund_request, at)
        return filed

    def _file(self, goods: GoodsReturn, at: datetime) -> Filed:
        known = RefundRequest.objects.filter(
            order__channel=self.channel, order__external_id=goods.order, note=goods.note
        ).first()
        asked = self._asked(goods)
        above = goods.credited_minor - sum(line.amount_minor or 0 for line in asked)
        if known is not None or not asked:
            return Filed(goods, known, above)
        draft = Draft(channel=self.channel, order=goods.order, reason=REASON, note=goods.note, lines=asked)
        try:
            made = workflow.file_request(draft=draft, actor=self._people[AGENT], at=at)
        except Refused as refused:
            return Filed(goods, None, above, refused.code)
        return Filed(goods, made, above)

    def _asked(self, goods: GoodsReturn) -> list[AskedLine]:
        """Ask for what was credited, and never for more than was paid."""
        sold = OrderLine.objects.filter(order__channel=self.channel, order__external_id=goods.order)
        prices = dict(sold.values_list("line", "unit_price_minor"))
        asked = []
        for line, quantity in goods.quantities.items():
            amount = min(goods.amounts[line], quantity * prices.get(line, goods.amounts[line]))
            if amount > 0:
                asked.append(AskedLine(line=line, quantity=quantity, condition=CONDITION, amount_minor=amount))
        return asked

    def _carry_on(self, refund_request: RefundRequest, at: datetime) -> RefundRequest:
        for _ in range(TRIES):
            match refund_request.state:
                case State.EXCEPTION_REVIEW:
                    refund_request = self._review(refund_request, at + timedelta(minutes=30))
                case State.AWAITING_APPROVAL:
                    refund_request = self._sign(refund_request, at + timedelta(hours=1))
                case State.APPROVED | State.PROCESSING:
                    if not self._pay(refund_request, at + timedelta(hours=1, seconds=20)):
                        # A worker of a running portal has it in hand, or the sandbox asked for patience.
                        time.sleep(PAUSE_SECONDS)
                    refund_request = RefundRequest.objects.get(pk=refund_request.pk)
                case _:
                    break
        return refund_request

    def _review(self, refund_request: RefundRequest, at: datetime) -> RefundRequest:
        order = refund_request.order
        is_in_time = order is not None and at - order.placed_at <= GRANTED_UP_TO
        if is_in_time and refund_request.decision is not None and CODE in refund_request.decision.exception_codes:
            return workflow.grant_exception(
                reference=refund_request.reference,
                code=CODE,
                rationale=RATIONALE,
                actor=self._people[REVIEWER],
                at=at,
            )
        return workflow.decide(
            reference=refund_request.reference,
            verdict=Verdict.DECLINE,
            rationale=TOO_LATE,
            actor=self._people[REVIEWER],
            at=at,
        )

    def _sign(self, refund_request: RefundRequest, at: datetime) -> RefundRequest:
        able = [name for name, limit in self._limits.items() if limit >= refund_request.requested_minor]
        return workflow.decide(
            reference=refund_request.reference,
            verdict=Verdict.APPROVE,
            rationale=RATIONALE,
            signed_in_at=at,
            actor=self._people[min(able, key=lambda name: self._limits[name])],
            at=at,
        )

    def _pay(self, refund_request: RefundRequest, at: datetime) -> bool:
        operation = refund_request.operations.order_by("created_at").last()
        return operation is not None and perform_operation(operation_id=operation.pk, at=at)
