"""Words that several finders use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import said
from refunds.vocabulary import State

from .base import MOST_SOURCES, PreparedFinding, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from refunds.models import Order, RefundRequest

    from .base import Tone
    from .case import Case

PAID = frozenset({State.REFUNDED, State.RECONCILED})


def found(finder: str, tone: Tone, sentence: str, *sources: Source | None) -> PreparedFinding:
    """Make a finding of the sources that may be told, the first of them where there are many."""
    told = tuple(source for source in sources if source is not None)
    return PreparedFinding(finder, tone, sentence, told[:MOST_SOURCES])


def day(moment: datetime) -> str:
    """Write a day."""
    return f"{moment.day} {moment:%B %Y}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write how many of what."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def money_of(requests: Iterable[RefundRequest]) -> str:
    """Add up what was asked for or approved, each currency by itself."""
    sums: Counter[str] = Counter()
    for one in requests:
        sums[one.currency] += one.amount_minor
    return " and ".join(str(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def order_source(case: Case, order: Order, field: str) -> Source:
    """Name the order as a source; it is shown on the page of its request."""
    return Source(said("order {number}", number=order.external_id), field, case.refund_request.get_absolute_url())
