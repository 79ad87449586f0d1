"""How what left of one order splits into kinds of leakage: pure arithmetic, no unit counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """Money of one currency that left and is still gone: when, how much, and how much of it policy had allowed.

    `is_governed` is false where nobody had asked, `is_goodwill` where it was given without an obligation, `is_repeat`
    where the processor carried out one instruction of ours twice.
    """

    key: object
    left_at: datetime
    minor: int
    allowed_minor: int
    is_governed: bool
    is_goodwill: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaked:
    """The parts of one outflow that leaked; together never more than the outflow."""

    override_minor: int = 0
    ungoverned_minor: int = 0
    over_minor: int = 0
    double_loss_minor: int = 0
    goodwill_minor: int = 0


def split(outflows: Iterable[Outflow], *, captured_minor: int | None, lost_minor: int) -> Mapping[object, Leaked]:
    """Split the outflows of one order in one currency, the oldest first.

    1. What was carried out twice, and what goes beyond everything the customer ever paid, is over. `captured_minor` is
       None where no payment is known; then nothing can be said to go beyond it.
    2. What the customer's bank gave her as well, up to what it gave (`lost_minor`): double loss.
    3. Of the rest, what policy had not allowed: ungoverned, an override, or goodwill, which is no leakage.
    """
    found: dict[object, Leaked] = {}
    gone = 0
    for one in sorted(outflows, key=lambda outflow: (outflow.left_at, str(outflow.key))):
        if one.is_repeat:
            found[one.key] = Leaked(over_minor=one.minor)
            continue
        room = one.minor if captured_minor is None else max(captured_minor - gone, 0)
        over = max(one.minor - room, 0)
        double = min(one.minor - over, lost_minor)
        gone += one.minor
        lost_minor -= double
        beyond = min(max(one.minor - one.allowed_minor, 0), one.minor - over - double)
        found[one.key] = Leaked(
            over_minor=over,
            double_loss_minor=double,
            ungoverned_minor=0 if one.is_governed else beyond,
            override_minor=beyond if one.is_governed and not one.is_goodwill else 0,
            goodwill_minor=_goodwill(one, beyond, over + double),
        )
    return found


def _goodwill(one: Outflow, beyond: int, leaked: int) -> int:
    """All of a goodwill credit that did not leak otherwise; nothing of other outflows."""
    if not one.is_goodwill:
        return 0
    return one.minor - leaked if one.is_governed else one.minor - leaked - beyond
