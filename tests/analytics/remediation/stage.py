"""Requests by the dozen, and items as far as the verbs take them."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from analytics.models import RemediationItem
from analytics.remediation import closing, opening, working
from config.kernel.ids import new_id
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.refunds.books import request_in, team_called

if TYPE_CHECKING:
    from config.kernel.people import User

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CODE = "DAMAGED_IN_TRANSIT"
KIND = "exception_code"

_numbers = count(1)


def submitted(many: int, *, at: datetime = NOW - timedelta(days=1), code: str = "", **columns: Any) -> None:
    """Let so many refunded requests have been submitted at a moment, with an exception code or without."""
    first = request_in(State.REFUNDED, team=team_called("north"), refunded_at=at)
    rows = []
    for _ in range(many):
        row = copy(first)
        row.pk, row.reference = new_id(), f"RR-S{next(_numbers):06}"
        row.submitted_at, row.refunded_at, row.exception_code = at, at, code
        for name, value in columns.items():
            setattr(row, name, value)
        rows.append(row)
    RefundRequest.objects.bulk_create(rows)


def an_item(sam: User, *, code: str = CODE, at: datetime = NOW) -> RemediationItem:
    """Open an item by hand; Sam owns it."""
    item = opening.open_item(kind=KIND, code=code, why="It happens every day.", actor=sam, at=at)
    return working.assign_item(item_id=item.pk, owner=sam, actor=sam, at=at)


def changed(sam: User, *, at: datetime = NOW) -> RemediationItem:
    """Take an item until the change was made."""
    item = an_item(sam, at=at)
    working.find_cause(item_id=item.pk, hypothesis="The boxes are too thin.", actor=sam, at=at)
    return working.make_change(
        item_id=item.pk,
        change="Double walls since Monday.",
        sop_link="https://wiki.example.com/packing",
        sop_version="7",
        actor=sam,
        at=at,
    )


def proposed(sam: User, *, at: datetime = NOW) -> RemediationItem:
    """Take an item until closing is proposed."""
    item = changed(sam, at=at)
    return closing.propose_closing(
        item_id=item.pk, note="Fewer since.", evidence_link="https://wiki.example.com/proof", actor=sam, at=at
    )


def verifying(sam: User, mei: User, *, at: datetime = NOW) -> RemediationItem:
    """Take an item until only the effect test is left."""
    item = proposed(sam, at=at)
    return closing.confirm_closing(item_id=item.pk, actor=mei, at=at)


def stored(item: RemediationItem) -> RemediationItem:
    """Read an item anew; its protected state cannot be refreshed in place."""
    return RemediationItem.objects.get(pk=item.pk)
