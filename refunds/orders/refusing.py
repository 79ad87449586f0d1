"""Say of every staged row that cannot become part of an order why not, by file and line.

An order stands or falls as a whole: one refused line refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config.kernel.money import known_currency

from .csv_files import BrokenFile
from .staging import client_cursor

if TYPE_CHECKING:
    from config.kernel.people import Team

MOST_REFUSALS = 10_000

_UNREADABLE = (
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', number, order_id, CASE
        WHEN order_id = '' OR length(order_id) > 80 THEN 'An order needs an id of at most 80 characters.'
        WHEN NOT pg_temp.is_time(placed_at) THEN format('“%%s” is not a time such as 2010-12-01 08:26:00.', placed_at)
        WHEN currency = ANY(%(unknown_currencies)s) THEN format('There is no currency “%%s”.', currency)
        WHEN length(customer_id) > 80 THEN 'A customer id has at most 80 characters.'
        WHEN length(country) > 60 THEN 'A country has at most 60 characters.'
        WHEN line_count !~ '^[0-9]{1,6}$' THEN format('“%%s” is not a count of lines.', line_count)
        ELSE format('“%%s” is not an amount in minor units.', gross_minor)
        END
      FROM incoming_order
     WHERE order_id = '' OR length(order_id) > 80 OR NOT pg_temp.is_time(placed_at)
        OR currency = ANY(%(unknown_currencies)s) OR length(customer_id) > 80 OR length(country) > 60
        OR line_count !~ '^[0-9]{1,6}$' OR gross_minor !~ '^[0-9]{1,14}$'
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'order_lines', number, order_id, CASE
        WHEN line_no = '' OR length(line_no) > 40 THEN 'A line needs a number of at most 40 characters.'
        WHEN sku = '' OR length(sku) > 80 THEN 'A line needs a sku of at most 80 characters.'
        WHEN quantity !~ '^0*[1-9][0-9]{0,8}$' THEN format('“%%s” is not a quantity of at least 1.', quantity)
        ELSE format('“%%s” is not a price in minor units.', unit_price_minor)
        END
      FROM incoming_line
     WHERE line_no = '' OR length(line_no) > 40 OR sku = '' OR length(sku) > 80
        OR quantity !~ '^0*[1-9][0-9]{0,8}$' OR unit_price_minor !~ '^[0-9]{1,11}$'
    """,
)
"""Questions of single rows, which are still text."""

_TYPED = (
    "DROP TABLE IF EXISTS pg_temp.told_order, pg_temp.told_line",
    """
    CREATE TEMPORARY TABLE told_order AS
    SELECT number, order_id, customer_id, country, currency, placed_at::timestamp AT TIME ZONE %(zone)s AS placed_at,
           line_count::bigint AS line_count, gross_minor::bigint AS gross_minor
      FROM incoming_order WHERE number NOT IN (SELECT number FROM refused WHERE file = 'orders')
    """,
    """
    CREATE TEMPORARY TABLE told_line AS
    SELECT number, order_id, line_no AS line, sku,
           quantity::int AS quantity, unit_price_minor::bigint AS unit_price_minor
      FROM incoming_line WHERE number NOT IN (SELECT number FROM refused WHERE file = 'order_lines')
    """,
    "CREATE INDEX ON told_line (order_id)",
    "ANALYZE told_order",
    "ANALYZE told_line",
)

_CONTRADICTIONS = (
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', number, order_id, format('Order %%s is there twice, first in line %%s.', order_id, first)
      FROM (SELECT number, order_id, min(number) OVER (PARTITION BY order_id) AS first FROM told_order) twice
     WHERE number > first
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'order_lines', max(number), order_id, format('Line %%s of order %%s is there twice.', line, order_id)
      FROM told_line GROUP BY order_id, line HAVING count(*) > 1
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'order_lines', number, order_id, format('Order %%s is not among the orders.', order_id)
      FROM told_line WHERE order_id NOT IN (SELECT order_id FROM incoming_order)
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', number, order_id, format('A line of order %%s was refused, and with it the order.', order_id)
      FROM told_order WHERE order_id IN (SELECT order_id FROM refused WHERE file = 'order_lines')
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', number, order_id, format(
           'Order %%s says %%s lines and a gross of %%s; its lines are %%s and come to %%s.',
           order_id, line_count, gross_minor, coalesce(count, 0), coalesce(gross, 0))
      FROM told_order LEFT JOIN (
           SELECT order_id, count(*), sum(quantity * unit_price_minor) AS gross FROM told_line GROUP BY order_id
           ) sums USING (order_id)
     WHERE line_count <> coalesce(count, 0) OR gross_minor <> coalesce(gross, 0) OR line_count = 0
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', t.number, t.order_id, CASE
        WHEN o.team_id <> %(team)s THEN format('Order %%s belongs to another team.', t.order_id)
        WHEN o.currency <> t.currency THEN format('Order %%s is in %%s.', t.order_id, o.currency)
        ELSE format('Order %%s has another payment already.', t.order_id)
        END
      FROM told_order t JOIN refunds_order o ON o.channel = %(channel)s AND o.external_id = t.order_id
     WHERE o.team_id <> %(team)s OR o.currency <> t.currency
        OR EXISTS (SELECT FROM refunds_payment p
                    WHERE p.order_id = o.id AND p.external_id <> %(payment_prefix)s || t.order_id)
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', t.number, t.order_id, format('Payment %%s belongs to another order.', p.external_id)
      FROM told_order t
      JOIN refunds_payment p ON p.gateway = %(gateway)s AND p.external_id = %(payment_prefix)s || t.order_id
      JOIN refunds_order o ON o.id = p.order_id
     WHERE o.channel <> %(channel)s OR o.external_id <> t.order_id
    """,
    """
    INSERT INTO refused (file, number, order_id, sentence)
    SELECT 'orders', t.number, t.order_id, format(
           'Order %%s was sold with line %%s, which the file lowers or leaves out.', t.order_id, min(s.line))
      FROM told_order t JOIN refunds_order o ON o.channel = %(channel)s AND o.external_id = t.order_id
      JOIN refunds_orderline s ON s.order_id = o.id
      LEFT JOIN told_line l ON l.order_id = t.order_id AND l.line = s.line
     WHERE l.line IS NULL OR l.quantity < s.quantity OR l.unit_price_minor < s.unit_price_minor
     GROUP BY t.number, t.order_id
    """,
)
"""Questions that set rows beside each other and beside what we know; facts only grow here."""

_TABLE = (
    "DROP TABLE IF EXISTS pg_temp.refused",
    "CREATE TEMPORARY TABLE refused (file text, number int, order_id text, sentence text)",
    """
    CREATE OR REPLACE FUNCTION pg_temp.is_time(told text) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        IF told !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?$' THEN RETURN false; END IF;
        PERFORM told::timestamp;
        RETURN true;
    EXCEPTION WHEN data_exception THEN RETURN false;
    END $$
    """,
)


class RefusedRow(NamedTuple):
    """A row that was not taken, by the name of its file and its line there."""

    file: str
    number: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}: {self.sentence}"


def refuse_rows(*, channel: str, team: Team, gateway: str, payment_prefix: str) -> list[RefusedRow]:
    """Ask every question of the staged rows and list the refused ones, in the order of the files.

    Leaves behind `told_order` and `told_line`, typed, and `refused`, temporary tables all three.

    :raises BrokenFile: when so many are refused that it must be the wrong file
    """
    with client_cursor() as cursor:
        for statement in _TABLE:
            cursor.execute(statement)
        cursor.execute("SELECT DISTINCT currency FROM incoming_order LIMIT 500")
        unknown = [code for (code,) in cursor.fetchall() if not known_currency(code)]
        told: dict[str, str | int | list[str]] = {
            "channel": channel,
            "team": team.pk,
            "zone": team.time_zone,
            "gateway": gateway,
            "payment_prefix": payment_prefix,
            "unknown_currencies": unknown,
        }
        for question in (*_UNREADABLE, *_TYPED, *_CONTRADICTIONS):
            cursor.execute(question, told)
        cursor.execute(
            "SELECT file, number, min(sentence) FROM refused GROUP BY file, number ORDER BY file, number LIMIT %s",
            [MOST_REFUSALS + 1],
        )
        refused = [RefusedRow(*row) for row in cursor.fetchall()]
    if len(refused) > MOST_REFUSALS:
        message = f"More than {MOST_REFUSALS} rows would be refused, the first being {refused[0]} Nothing was written."
        raise BrokenFile(message)
    return refused
