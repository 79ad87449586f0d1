"""Take a sheet of orders in: all of it or nothing, and first, if wanted, only to see what it would do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from refunds.models import Order, Payment

from .announcing import announce_payments
from .sheet import MOST_ROWS, orders_of
from .upserting import write_order

if TYPE_CHECKING:
    from config.kernel.people import Team, User

    from .sheet import SheetOrder

MOST_REASONS = 200
_PLACE = re.compile(r"lines\[(\d+)\]")


@dataclass(slots=True)
class SheetReport:
    """What a file did, or would do."""

    order_count: int = 0
    new_count: int = 0
    line_count: int = 0
    reasons: list[Reason] = field(default_factory=list)


def check_sheet(*, content: bytes, channel: str, team: Team, actor: User, most_rows: int = MOST_ROWS) -> SheetReport:
    """Say what a file would do, having done it and taken it back: the same rules, and nothing is kept.

    :raises NotPermitted: for whoever may not send orders
    :raises Refused: with every line that cannot be taken, by its number
    """
    _check_may(actor, team)
    orders = orders_of(content, channel=channel, team=team, most_rows=most_rows)
    with transaction.atomic(durable=True):
        report, _ = _write(orders, team, actor)
        transaction.set_rollback(True)
    return report


def take_sheet(*, content: bytes, channel: str, team: Team, actor: User, most_rows: int = MOST_ROWS) -> SheetReport:
    """Write every order of a file down, or none. The same file again adds nothing.

    :raises NotPermitted: for whoever may not send orders
    :raises Refused: with every line that cannot be taken, by its number
    """
    _check_may(actor, team)
    orders = orders_of(content, channel=channel, team=team, most_rows=most_rows)
    with transaction.atomic(durable=True):
        report, written = _write(orders, team, actor)
    announce_payments(Payment.objects.filter(order__in=written).select_related("order"))
    return report


def _check_may(actor: User, team: Team) -> None:
    if not actor.has_perm("refunds.add_order"):
        raise NotPermitted("not_permitted", said("Sending orders needs the right “refunds.add_order”."))
    if team.pk not in team_ids_of(actor):
        raise Refused("unknown_team", said("You do not work for this team."), "team")


def _write(orders: list[SheetOrder], team: Team, actor: User) -> tuple[SheetReport, list[Order]]:
    """Write in the order of ids, so that two files at once cannot wait for each other.

    :raises Refused:
    """
    report, written, reach = SheetReport(), [], team_ids_of(actor)
    for one in sorted(orders, key=lambda order: order.facts.external_id):
        try:
            with transaction.atomic():
                order, is_new = write_order(order=one.facts, team=team, reach=reach)
        except Refused as no:
            report.reasons += [_at_its_line(reason, one) for reason in no.reasons]
            continue
        written.append(order)
        report.order_count += 1
        report.new_count += is_new
        report.line_count += len(one.lines)
    if report.reasons:
        raise Refused.of(report.reasons[:MOST_REASONS])
    return report, written


def _at_its_line(reason: Reason, order: SheetOrder) -> Reason:
    found = _PLACE.match(reason.field)
    place = int(found[1]) if found is not None else 0
    number = order.lines[min(place, len(order.lines) - 1)]
    return Reason(reason.code, said("Line {number}: {detail}", number=number, detail=reason.detail), "file")
