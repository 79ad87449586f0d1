"""The pages that people read in a bundle; they stand alone, without a script, and print well."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from config.kernel.money import Money
from config.kernel.wording import printed_for_keeps

from .populations import CurrencySum
from .records import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evidence.models import Bundle
    from refunds.models import RefundRequest

    from .populations import Draw
    from .records import Records

UNTOLD: Final[tuple[object, ...]] = (None, "", [], {})


def print_request(
    refund_request: RefundRequest,
    records: Records,
    payloads: Sequence[dict[str, Any]],
    people: Sequence[dict[str, Any]],
    *,
    at: datetime,
) -> bytes:
    """Print everything about a request: first what happened, then table by table."""
    names = {f"user:{person['id']}": person["name"] or person["username"] for person in people}
    timeline = [
        {
            "at": datetime.fromisoformat(payload["at"]),
            "who": names.get(payload["actor"], payload["actor"].removeprefix("machine:")),
            "acting_for": names.get(payload["acting_for"] or "", ""),
            "sentence": payload["sentence"],
            "kind": payload["kind"],
        }
        for payload in payloads
    ]
    tables = [
        {
            "name": table.replace("_", " ").capitalize(),
            "rows": [_told(row, names, refund_request.currency) for row in rows],
        }
        for table, rows in records.rows.items()
    ]
    context = {
        "refund_request": refund_request,
        "timeline": timeline,
        "tables": tables,
        "withheld": records.withheld,
        "made_at": at,
    }
    return printed_for_keeps("refunds/bundle/request.html", context).encode()


def print_index(bundle: Bundle, rows: Sequence[dict[str, Any]], draw: Draw, *, at: datetime) -> bytes:
    """Print what the bundle is about and the way to each request."""
    sums = [
        CurrencySum(0, Money(each["requested_minor"], currency), Money(each["amount_minor"], currency))
        for currency, each in sorted(draw.sums.items())
    ]
    context = {"bundle": bundle, "rows": rows, "draw": draw, "sums": sums, "made_at": at}
    return printed_for_keeps("refunds/bundle/index.html", context).encode()


def _told(row: dict[str, Any], names: Mapping[str, str], currency: str) -> list[tuple[str, object]]:
    """Say a row as people read it: money as money, colleagues by name, nothing that is empty."""
    return [
        (name.removesuffix("_minor").removesuffix("_id").replace("_", " "), _shown(row, name, names, currency))
        for name, value in row.items()
        if value not in UNTOLD
    ]


def _shown(row: dict[str, Any], name: str, names: Mapping[str, str], currency: str) -> object:
    value = row[name]
    if name.endswith("_minor"):
        return Money(value, row.get("currency", currency))
    if name in PEOPLE:
        return names.get(f"user:{value}", value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, list | dict) else value
