"""Stripe's lists: newest first, one page after an id or before it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from refunds.gateways.sandbox.forms import only, page_size, whole_number
from refunds.gateways.sandbox.movements import movements, paid_out_by
from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape
from refunds.gateways.sandbox.problems import refuse, refuse_missing
from refunds.gateways.sandbox.shapes import (
    dispute_shape,
    event_shape,
    is_actionable,
    movement_shape,
    refund_shape,
    source_shape,
    warning_shape,
)
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from refunds.gateways.sandbox.books import Books
    from refunds.gateways.sandbox.desk import Desk
    from refunds.gateways.sandbox.movements import Movement
    from refunds.gateways.sandbox.records import Dispute, FraudWarning, Outgoing, Refund

_PAGING = frozenset({"limit", "starting_after", "ending_before", "created", "expand"})
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


class Dated(Protocol):
    """Anything a list can page over."""

    @property
    def id(self) -> str:
        """Name it."""

    @property
    def created(self) -> int:
        """Tell when it was made, in Unix seconds."""


Listed = TypeVar("Listed", bound=Dated)
About = TypeVar("About", "Dispute", "FraudWarning")


def list_refunds(desk: Desk, request: Request) -> Reply:
    """List refunds, of one payment if named."""
    only(request.params, _PAGING | {"payment_intent", "charge"})
    books = desk.books
    rows = _page(_refunds_asked_for(desk, request.params), request.params)
    return _told(request, rows, lambda refund: refund_shape(refund, books.payments[refund.payment]))


def list_disputes(desk: Desk, request: Request) -> Reply:
    """List disputes, of one payment if named."""
    only(request.params, _PAGING | {"payment_intent", "charge"})
    books = desk.books
    found = _of_payment(books, reversed(books.disputes.values()), request.params)
    page = _page(found, request.params)
    return _told(request, page, lambda dispute: dispute_shape(dispute, books.payments[dispute.payment]))


def list_warnings(desk: Desk, request: Request) -> Reply:
    """List early fraud warnings, of one payment if named."""
    only(request.params, _PAGING | {"payment_intent", "charge"})
    books = desk.books

    def show(warning: FraudWarning) -> dict[str, Any]:
        payment = books.payments[warning.payment]
        return warning_shape(warning, payment, is_actionable=is_actionable(payment, books))

    return _told(
        request, _page(_of_payment(books, reversed(books.warnings.values()), request.params), request.params), show
    )


def list_outgoings(request: Request, rows: Iterable[Outgoing], books: Books) -> Reply:
    """List payouts, transfers, or what was taken back of one of them."""
    only(request.params, _PAGING | {"destination", "status", "charge"})
    return _told(request, _page(rows, request.params), lambda row: outgoing_shape(row, books))


def list_events(desk: Desk, request: Request) -> Reply:
    """List events, of one or several types if named."""
    only(request.params, _PAGING | {"type", "types", "delivery_success"})
    types = {request.params["type"]} if "type" in request.params else set(_values(request.params.get("types")))
    found = [event for event in reversed(desk.books.events.values()) if not types or event.type in types]
    return _told(request, _page(found, request.params), lambda event: event_shape(event, desk.books))


def list_movements(desk: Desk, request: Request) -> Reply:
    """List balance transactions, those of an automatic payout with itself if it is named."""
    only(request.params, _PAGING | {"type", "currency", "source", "payout"})
    wanted = {name: request.params[name] for name in ("type", "currency", "source") if name in request.params}
    known = _of_payout(desk.books, str(request.params["payout"])) if "payout" in request.params else None
    found = [
        one
        for one in reversed(movements(desk.books) if known is None else known)
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    expanded = _values(request.params.get("expand"))

    def show(movement: Movement) -> dict[str, Any]:
        shape = movement_shape(movement)
        return shape | {"source": source_shape(movement, desk.books)} if "data.source" in expanded else shape

    return _told(request, _page(found, request.params), show)


def _of_payout(books: Books, payout_id: str) -> list[Movement]:
    """List what a payout consists of, and itself; one that is not reconciled yet does not know its last line."""
    payout = books.outgoings.get(payout_id)
    if payout is None or payout.kind != "payout":
        refuse_missing("payout", payout_id, "payout")
    if not payout.is_automatic:
        refuse("parameter_invalid", "Balance transactions can be listed of automatic payouts only.", "payout")
    paid = paid_out_by(books, payout)
    own = [one for one in movements(books) if one.payout is not None and one.payout.id == payout_id]
    return [*(paid if payout.is_reconciled else paid[:-1]), *(one for one in own if one.category == "payout")]


def _refunds_asked_for(desk: Desk, params: Mapping[str, Any]) -> Iterable[Refund]:
    reference = params.get("payment_intent") or params.get("charge")
    if not reference:
        return reversed(desk.books.refunds.values())
    payment = desk.books.payment(str(reference))
    if payment is None:
        noun = "payment_intent" if params.get("payment_intent") else "charge"
        refuse_missing(noun, str(reference), noun)
    return reversed(desk.books.refunds_of(payment))


def _of_payment(books: Books, rows: Iterable[About], params: Mapping[str, Any]) -> Iterable[About]:
    reference = params.get("payment_intent") or params.get("charge")
    if not reference:
        return rows
    payment = books.payment(str(reference))
    return [row for row in rows if payment is not None and row.payment == payment.id]


def _page(rows: Iterable[Listed], params: Mapping[str, Any]) -> tuple[list[Listed], bool]:
    """Cut one page out of rows that are newest first, and tell whether more follow."""
    size = page_size(params)
    dated = _within(rows, params.get("created"))
    if before := params.get("ending_before"):
        newer = list(_until(dated, str(before)))
        return newer[-size:], len(newer) > size
    if after := params.get("starting_after"):
        dated = _beyond(dated, str(after))
    found = list(islice(dated, size + 1))
    return found[:size], len(found) > size


def _within(rows: Iterable[Listed], created: Any) -> Iterator[Listed]:
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created} if created else {}
    if not bounds.keys() <= _BOUNDS.keys():
        refuse("parameter_unknown", "Received unknown parameter in created", "created")
    limits = [(_BOUNDS[name], whole_number(value, "created", least=0)) for name, value in bounds.items()]
    return (row for row in rows if all(holds(row.created, limit) for holds, limit in limits))


def _until(rows: Iterator[Listed], row_id: str) -> Iterator[Listed]:
    for row in rows:
        if row.id == row_id:
            return
        yield row
    refuse_missing("object", row_id, "ending_before")


def _beyond(rows: Iterator[Listed], row_id: str) -> Iterator[Listed]:
    for row in rows:
        if row.id == row_id:
            break
    else:
        refuse_missing("object", row_id, "starting_after")
    return rows


def _values(given: Any) -> list[str]:
    return [str(one) for one in given.values()] if isinstance(given, dict) else []


def _told(request: Request, page: tuple[list[Listed], bool], show: Callable[[Listed], dict[str, Any]]) -> Reply:
    rows, has_more = page
    return told({"object": "list", "url": request.path, "has_more": has_more, "data": [show(row) for row in rows]})
