"""How long the law keeps what: erasure yields to a duty to keep records for its period, and returns after it.

Sources: Art. 17(3)(b) GDPR (a legal duty to keep) and (e) (the defence of claims). Vouchers 8 years and business
letters 6 in Germany (§ 147(3) AO, § 257(4) HGB; books 10, and those we never erase), vouchers 6 in Britain (HMRC,
VAT Notice 700/21). Each period begins when the calendar year ends (§ 147(4) AO, § 199(1) BGB), in every team alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from refunds.models.operation import LIVE
from refunds.vocabulary import OperationState, State

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import RefundRequest

PAID = frozenset({State.REFUNDED, State.RECONCILED})
ENDED = PAID | {State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED}
ON_THE_WAY = frozenset(LIVE) - {OperationState.SUCCEEDED}
EVERYBODY_ELSE = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """How many years a team keeps vouchers, letters, and what answers a claim; `reason` names the law."""

    voucher_years: int
    letter_years: int
    claim_years: int
    reason: str


def rule_for(team_slug: str) -> Rule:
    """Read how long a team keeps what, and by which law; the rule of `*` is for every team that has none."""
    rules: dict[str, dict[str, Any]] = settings.RETENTION
    return Rule(**rules.get(team_slug, rules[EVERYBODY_ELSE]))


def is_over(refund_request: RefundRequest) -> bool:
    """Tell whether nothing of a request is open: it has ended and none of its money is on the way."""
    return refund_request.state in ENDED and not refund_request.operations.filter(state__in=ON_THE_WAY).exists()


def texts_until(refund_request: RefundRequest) -> date:
    """Name the first day on which the texts and files of a request that is over may go.

    Where money moved they substantiate a voucher; where none did they answer a claim until it is out of time.
    """
    rule = rule_for(refund_request.team.slug)
    years = rule.voucher_years if substantiates_voucher(refund_request) else rule.claim_years
    return after_years(ended_at(refund_request), years)


def substantiates_voucher(refund_request: RefundRequest) -> bool:
    """Tell whether money moved for a request, even if it came back."""
    return refund_request.state in PAID or refund_request.operations.filter(succeeded_at__isnull=False).exists()


def letters_until(refund_request: RefundRequest) -> date:
    """Name the first day on which the letters about a request that is over may go."""
    return after_years(ended_at(refund_request), rule_for(refund_request.team.slug).letter_years)


def ended_at(refund_request: RefundRequest) -> datetime:
    """Name the last moment at which something happened to a request."""
    moments = (
        refund_request.reconciled_at,
        refund_request.refunded_at,
        refund_request.decided_at,
        refund_request.updated_at,
    )
    return max(moment for moment in moments if moment is not None)


def after_years(moment: datetime, years: int) -> date:
    """Name the day after so many calendar years that begin when the year of `moment` is over."""
    return date(timezone.localdate(moment, UTC).year + 1 + years, 1, 1)


def longest_voucher_years() -> int:
    """Name the longest any team keeps vouchers: statements are of accounts, not of teams."""
    return max(Rule(**rule).voucher_years for rule in settings.RETENTION.values())
