"""Orders as anybody's spreadsheet can hold them: one CSV, a row for each position, read whole or refused by line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from config.kernel.money import known_currency, parse_amount
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said, why_no_amount

from .sold import CustomerFacts, LineFacts, OrderFacts, PaymentFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import NoReturn

    from config.kernel.people import Team

REQUIRED: Final = ("order_id", "placed_at", "currency", "line", "sku", "quantity", "unit_price")
OF_ORDER: Final = (
    "placed_at",
    "currency",
    "shipping",
    "delivered_at",
    "customer_id",
    "customer_name",
    "customer_email",
    "customer_country",
    "payment_gateway",
    "payment_id",
    "payment_amount",
    "paid_at",
    "payment_method",
    "payment_last4",
)
"""Said on the first row of an order; on the others the same, or nothing."""

OPTIONAL: Final = ("title", "category", "final_sale", *OF_ORDER[2:])
PAYMENT: Final = ("payment_gateway", "payment_id", "payment_amount")
YES_AND_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """One order, and on which lines of the file its positions stand."""

    facts: OrderFacts
    lines: Sequence[int]


class _Odd(Exception):
    """A cell that cannot be read, with its sentence."""


def orders_of(content: bytes, *, channel: str, team: Team, most_rows: int = MOST_ROWS) -> list[SheetOrder]:
    """Read every order of a file; times without a zone are the team's.

    :raises Refused: with every line that cannot be read, by its number; the header is line 1
    """
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in _rows(content, most_rows):
        found.setdefault(row["order_id"], []).append((number, row))
    read: list[SheetOrder] = []
    reasons: list[Reason] = []
    for rows in found.values():
        try:
            facts = _order(rows, channel=channel, team=team)
        except Refused as no:
            reasons += no.reasons
        else:
            read.append(SheetOrder(facts, [number for number, _ in rows]))
    if reasons:
        raise Refused.of(reasons)
    if not read:
        _refuse(said("The file holds no order."))
    return read


def _rows(content: bytes, most_rows: int) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        _refuse(said("The file has more than {most} MB.", most=MOST_BYTES // 1024 // 1024))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(said("This is no CSV file in UTF-8."))
    if "\x00" in text:
        _refuse(said("This is no CSV file in UTF-8."))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_names(names)
        for count, cells in enumerate(reader, start=1):
            if count > most_rows:
                _refuse(
                    said(
                        "The file has more than {most} rows; use manage.py import_order_sheet for longer ones.",
                        most=most_rows,
                    )
                )
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                _refuse(
                    said(
                        "Line {number} has {cells} cells, and the header {columns}.",
                        number=reader.line_num,
                        cells=len(cells),
                        columns=len(names),
                    )
                )
            yield reader.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    except csv.Error as error:
        _refuse(said("Line {number} is no CSV: {error}.", number=reader.line_num, error=error))


def _check_names(names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        _refuse(
            said(
                "The first line must name the columns with commas between; missing: {names}.", names=", ".join(missing)
            )
        )
    unknown = sorted(set(names) - {*REQUIRED, *OPTIONAL})
    if unknown:
        _refuse(
            said(
                "There is no column {names}. There are: {known}.",
                names=", ".join(unknown),
                known=", ".join((*REQUIRED, *OPTIONAL)),
            )
        )
    if len(set(names)) < len(names):
        _refuse(said("A column is named twice."))


def _order(rows: Sequence[tuple[int, dict[str, str]]], *, channel: str, team: Team) -> OrderFacts:
    number, first = rows[0]
    reasons = [
        _reason(other, said("{name} differs from line {number}, which is of the same order.", name=name, number=number))
        for other, row in rows[1:]
        for name in OF_ORDER
        if row.get(name, "") not in ("", first.get(name, ""))
    ]
    lines = []
    for other, row in rows:
        try:
            lines.append(_line(row, first["currency"]))
        except _Odd as odd:
            reasons.append(_reason(other, odd.args[0]))
    try:
        head = _head(first, lines, channel=channel, team=team)
    except _Odd as odd:
        reasons.append(_reason(number, odd.args[0]))
    if reasons:
        raise Refused.of(reasons)
    return head


def _head(row: Mapping[str, str], lines: Sequence[LineFacts], *, channel: str, team: Team) -> OrderFacts:
    placed_at = _moment(row, "placed_at", team)
    customer = None
    if row.get("customer_id"):
        customer = CustomerFacts(
            external_id=row["customer_id"],
            name=row.get("customer_name", ""),
            email=row.get("customer_email", ""),
            country=row.get("customer_country", ""),
        )
    return OrderFacts(
        channel=channel,
        external_id=row["order_id"],
        team=team.slug,
        placed_at=placed_at,
        currency=row["currency"],
        delivered_at=_moment(row, "delivered_at", team) if row.get("delivered_at") else None,
        shipping_minor=_amount(row, "shipping", row["currency"]) if row.get("shipping") else 0,
        customer=customer,
        lines=lines,
        payments=_payments(row, placed_at, team),
    )


def _payments(row: Mapping[str, str], placed_at: datetime, team: Team) -> list[PaymentFacts]:
    told = [name for name in PAYMENT if row.get(name)]
    if not told:
        return []
    if len(told) < len(PAYMENT):
        raise _Odd(said("A payment needs {names}.", names=", ".join(PAYMENT)))
    return [
        PaymentFacts(
            gateway=row["payment_gateway"],
            external_id=row["payment_id"],
            captured_minor=_amount(row, "payment_amount", row["currency"]),
            currency=row["currency"],
            captured_at=_moment(row, "paid_at", team) if row.get("paid_at") else placed_at,
            method=row.get("payment_method", ""),
            last4=row.get("payment_last4", ""),
        )
    ]


def _line(row: Mapping[str, str], currency: str) -> LineFacts:
    if not (row["quantity"].isascii() and row["quantity"].isdecimal() and len(row["quantity"]) < 10):  # noqa: PLR2004 - fits an integer
        raise _Odd(said("“{text}” is no quantity.", text=row["quantity"][:20]))
    final_sale = row.get("final_sale", "").lower()
    if final_sale not in YES_AND_NO:
        raise _Odd(said("final_sale is yes or no."))
    return LineFacts(
        line=row["line"],
        sku=row["sku"],
        title=row.get("title", ""),
        category=row.get("category", ""),
        quantity=int(row["quantity"]),
        unit_price_minor=_amount(row, "unit_price", currency),
        final_sale=YES_AND_NO[final_sale],
    )


def _amount(row: Mapping[str, str], name: str, currency: str) -> int:
    if not known_currency(currency):
        raise _Odd(said("There is no currency “{currency}”.", currency=currency[:10]))
    try:
        return parse_amount(row[name], currency)
    except ValueError as no:
        raise _Odd(said("{name}: {reason}", name=name, reason=why_no_amount(no))) from None


def _moment(row: Mapping[str, str], name: str, team: Team) -> datetime:
    try:
        moment = datetime.fromisoformat(row[name])
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(team.time_zone))
    except ValueError:
        raise _Odd(
            said(
                "{name}: “{text}” is no time such as 2026-11-14 or 2026-11-14T09:30:00Z.",
                name=name,
                text=row[name][:30],
            )
        ) from None


def _reason(number: int, sentence: str) -> Reason:
    return Reason("invalid", said("Line {number}: {sentence}", number=number, sentence=sentence), "file")


def _refuse(sentence: str) -> NoReturn:
    raise Refused("invalid", sentence, "file")
