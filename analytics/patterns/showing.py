"""Signals in the words of a page or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from config.kernel.wording import said
from refunds.permissions import visible_to

from .kept import odds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from analytics.models import PatternMark, PatternSignal
    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .naming import Names

SHOWN_AT_ONCE = 10
ROWS_OF_ONE = 50


def line_of(signal: PatternSignal, names: Names, mark: PatternMark | None) -> dict[str, Any]:
    """Say what was seen, since when it stands, how likely chance does as much, and what became of it."""
    return {
        "kind": signal.kind,
        "signal": signal,
        "sentence": names.sentence(signal),
        "numbers": signal.numbers,
        "odds": odds(signal.p_value),
        "count": signal.request_count,
        "page": signal.get_absolute_url(),
        "is_hidden": names.hide(signal),
        "mark": mark,
        "more": signal.request_count - mark.request_count if mark else 0,
        "whose": signal.reading.team or said("Several teams"),
    }


def with_rows(viewer: User, line: dict[str, Any], first: int | None) -> dict[str, Any]:
    """Add the requests, from the first on or one page of all; those one may see and no others."""
    if line["is_hidden"]:
        return line
    ids = line["signal"].request_ids
    begin, size = (0, SHOWN_AT_ONCE) if first is None else (first, ROWS_OF_ONE)
    some, has_more = ids[begin : begin + size], len(ids) > begin + size
    return line | {
        "rows": in_order(some, requests_among(viewer, some)),
        "has_more": has_more and first is None,
        "next": f"{line['page']}&first={begin + size}" if has_more and first is not None else "",
    }


def cells_of(
    viewer: User, signals: Sequence[PatternSignal], names: Names, marks: dict[UUID, PatternMark]
) -> list[list[Any]]:
    """Lay out a row for each request of each signal that this viewer may open."""
    open_to_viewer = [signal for signal in signals if not names.hide(signal)]
    known = requests_among(viewer, {pk for signal in open_to_viewer for pk in signal.request_ids})
    return [
        [
            names.sentence(signal),
            signal.first_seen_at.isoformat(),
            marks[signal.standing_id].get_answer_display() if signal.standing_id in marks else "",
            one.reference,
            one.team.name,
            one.get_state_display(),
            one.amount.major,
            one.currency,
            one.reason_id or "",
            one.exception_code,
            "" if one.submitted_at is None else one.submitted_at.isoformat(),
        ]
        for signal in open_to_viewer
        for one in in_order(signal.request_ids, known)
    ]


HEADER = (
    "Signal",
    "Seen since",
    "Looked into",
    "Request",
    "Team",
    "State",
    "Amount",
    "Currency",
    "Reason",
    "Exception code",
    "Submitted",
)


def requests_among(viewer: User, ids: Iterable[UUID]) -> dict[UUID, RefundRequest]:
    """Read those of these requests that a viewer may see."""
    return {one.pk: one for one in visible_to(viewer).filter(pk__in=set(ids)).select_related("team")}


def in_order(ids: Iterable[UUID], known: dict[UUID, RefundRequest]) -> list[RefundRequest]:
    """Bring requests into the order of their signal."""
    return [known[pk] for pk in ids if pk in known]


def address_of(pattern: str) -> str:
    """Name the page of a kind."""
    return reverse("analytics:pattern", args=[pattern])
