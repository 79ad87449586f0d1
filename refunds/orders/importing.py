"""Load orders from a shop's export: as many as there are, in batches that are committed one by one.

1. Stage the files in temporary tables; a file that cannot be read stops here, with nothing written.
2. Refuse what cannot be an order, row by row, in sentences.
3. Write the rest, 2,000 orders a transaction, each by one statement a table. What is there already stays; a second
   run after a crash completes what is missing.
4. Tell the sandbox about the payments of the batch, after its commit.

The time in the files is the shop's own, in the zone of its team. The files say nothing of payments: each order that
cost something gets one captured card payment, with an id made of channel and order so that it is the same for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.outbox import publish
from refunds.models import Payment

from .announcing import announce_payments
from .refusing import RefusedRow, refuse_rows
from .staging import LINES, ORDERS, PRODUCTS, client_cursor, stage_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.kernel.people import Team

BATCH = 2000
GATEWAY = "stripe"

_ACCEPT = (
    "DROP TABLE IF EXISTS pg_temp.accepted",
    """
    CREATE TEMPORARY TABLE accepted AS
    SELECT row_number() OVER (ORDER BY number) AS place, * FROM told_order
     WHERE number NOT IN (SELECT number FROM refused WHERE file = 'orders')
    """,
    "CREATE INDEX ON accepted (place)",
    "ANALYZE accepted",
)

_CUSTOMERS = """
    INSERT INTO refunds_customer AS c (channel, external_id, name, email, country)
    SELECT DISTINCT ON (customer_id) %(channel)s, customer_id, '', '', country
      FROM accepted WHERE place BETWEEN %(first)s AND %(last)s AND customer_id <> '' ORDER BY customer_id, place
    ON CONFLICT (channel, external_id) DO UPDATE SET country = excluded.country
     WHERE c.country = '' AND excluded.country <> '' AND c.erased_at IS NULL
"""

_ORDERS = """
    WITH written AS (
        INSERT INTO refunds_order AS o (channel, external_id, team_id, customer_id, placed_at, currency, shipping_minor,
                                        shipping_refunded_minor, shipping_reserved_minor)
        SELECT %(channel)s, a.order_id, %(team)s, c.id, a.placed_at, a.currency, 0, 0, 0
          FROM accepted a LEFT JOIN refunds_customer c ON c.channel = %(channel)s AND c.external_id = a.customer_id
         WHERE a.place BETWEEN %(first)s AND %(last)s ORDER BY a.place
        ON CONFLICT (channel, external_id) DO UPDATE
           SET placed_at = excluded.placed_at, customer_id = coalesce(o.customer_id, excluded.customer_id)
         WHERE o.placed_at <> excluded.placed_at
            OR (o.customer_id IS NULL AND excluded.customer_id IS NOT NULL)
        RETURNING xmax = 0 AS is_new
    ) SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""

_LINES = """
    WITH written AS (
        INSERT INTO refunds_orderline AS s (order_id, line, sku, title, category, quantity, unit_price_minor,
                                            final_sale, refunded_quantity, reserved_quantity)
        SELECT o.id, l.line, l.sku, left(coalesce(p.description, ''), 200), coalesce(p.category, ''),
               l.quantity, l.unit_price_minor, false, 0, 0
          FROM accepted a
          JOIN refunds_order o ON o.channel = %(channel)s AND o.external_id = a.order_id
          JOIN told_line l ON l.order_id = a.order_id
          LEFT JOIN known_product p USING (sku)
         WHERE a.place BETWEEN %(first)s AND %(last)s
        ON CONFLICT (order_id, line) DO UPDATE
           SET sku = excluded.sku, title = excluded.title, category = excluded.category,
               quantity = excluded.quantity, unit_price_minor = excluded.unit_price_minor
         WHERE (s.sku, s.title, s.category, s.quantity, s.unit_price_minor)
               IS DISTINCT FROM
               (excluded.sku, excluded.title, excluded.category, excluded.quantity, excluded.unit_price_minor)
        RETURNING xmax = 0 AS is_new
    ) SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""

_PAYMENTS = """
    WITH written AS (
        INSERT INTO refunds_payment AS p (order_id, gateway, external_id, currency, captured_minor, refunded_minor,
                                          reserved_minor, captured_at, method, last4)
        SELECT o.id, %(gateway)s, %(payment_prefix)s || a.order_id, a.currency, a.gross_minor, 0, 0,
               a.placed_at, 'card', '4242'
          FROM accepted a JOIN refunds_order o ON o.channel = %(channel)s AND o.external_id = a.order_id
         WHERE a.place BETWEEN %(first)s AND %(last)s AND a.gross_minor > 0
        ON CONFLICT (gateway, external_id) DO UPDATE SET captured_minor = excluded.captured_minor
         WHERE p.captured_minor < excluded.captured_minor
        RETURNING order_id, external_id, xmax <> 0 AS is_corrected
    ) SELECT order_id FROM written
       WHERE is_corrected OR external_id IN (SELECT about FROM policies_governedaction WHERE about <> '')
"""
"""Answers the orders whose figures change: more was captured than we knew, or something left before we knew them."""

_PRODUCTS = (
    "DROP TABLE IF EXISTS pg_temp.known_product",
    """
    CREATE TEMPORARY TABLE known_product AS
    SELECT DISTINCT ON (sku) sku, description,
           CASE kind WHEN 'gift_voucher' THEN 'gift_card' ELSE left(kind, 60) END AS category
      FROM incoming_product ORDER BY sku, number
    """,
    "ANALYZE known_product",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFiles:
    """Where the files are; products only add titles and categories."""

    orders: Path
    lines: Path
    products: Path | None = None


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did, in rows; `refused` names each row that was not taken."""

    order_count: int = 0
    line_count: int = 0
    new_order_count: int = 0
    new_line_count: int = 0
    changed_count: int = 0
    payments_are_announced: bool = True
    refused: list[RefusedRow] = field(default_factory=list)


def import_orders(
    *,
    files: OrderFiles,
    channel: str,
    team: Team,
    heard: Callable[[str, int, int], object] = lambda _what, _done, _total: None,
) -> ImportReport:
    """Load every order of the files; `heard` is told what is being done and how far it is.

    :raises BrokenFile: for a file that cannot be read; nothing of it was written
    """
    _stage(files, heard)
    payment_prefix = f"pi_{channel}_"
    report = ImportReport()
    heard("checking", 0, 1)
    report.refused = refuse_rows(channel=channel, team=team, gateway=GATEWAY, payment_prefix=payment_prefix)
    with client_cursor() as cursor:
        for statement in (*_ACCEPT, *_PRODUCTS):
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM accepted")
        report.order_count = cursor.fetchall()[0][0]
    told: dict[str, str | int] = {
        "channel": channel,
        "team": team.pk,
        "gateway": GATEWAY,
        "payment_prefix": payment_prefix,
    }
    for first in range(1, report.order_count + 1, BATCH):
        last = min(first + BATCH - 1, report.order_count)
        _write_batch({**told, "first": first, "last": last}, report)
        report.payments_are_announced &= announce_payments(_payments(channel, first, last))
        heard("writing orders", last, report.order_count)
    return report


def _stage(files: OrderFiles, heard: Callable[[str, int, int], object]) -> None:
    staged = (
        (files.orders, "incoming_order", ORDERS),
        (files.lines, "incoming_line", LINES),
        (files.products, "incoming_product", PRODUCTS),
    )
    for path, table, required in staged:
        read = 0

        def count(size: int, path: Path | None = path) -> None:
            nonlocal read
            read += size
            heard(f"reading {path.name if path is not None else ''}", read, 0)

        stage_file(path, table=table, required=required, heard=count)


@transaction.atomic(durable=True)
def _write_batch(told: dict[str, str | int], report: ImportReport) -> None:
    with client_cursor() as cursor:
        cursor.execute(_CUSTOMERS, told)
        cursor.execute(_ORDERS, told)
        new, changed = cursor.fetchall()[0]
        report.new_order_count += new
        report.changed_count += changed
        cursor.execute(_LINES, told)
        new, changed = cursor.fetchall()[0]
        report.new_line_count += new
        report.changed_count += changed
        cursor.execute(_PAYMENTS, told)
        for (order_id,) in cursor.fetchall():
            publish("order.corrected", order_id=str(order_id))


def _payments(channel: str, first: int, last: int) -> list[Payment]:
    with client_cursor() as cursor:
        cursor.execute("SELECT order_id FROM accepted WHERE place BETWEEN %s AND %s", [first, last])
        orders = [order_id for (order_id,) in cursor.fetchall()]
    return list(
        Payment.objects.select_related("order").filter(
            gateway=GATEWAY, order__channel=channel, order__external_id__in=orders
        )
    )
