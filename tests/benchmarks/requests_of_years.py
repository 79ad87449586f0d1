"""Refund requests of years, multiplied in the database; the last weeks always hold the same number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from refunds.models import RefundRequest

if TYPE_CHECKING:
    from datetime import datetime

LATELY: Final = 5_000
"""Requests of the last 30 days, however many there are in all."""

_MOMENT: Final = (
    "(%(at)s::timestamptz - CASE WHEN n < %(lately)s THEN interval '30 days' * (n::float / %(lately)s)"
    " ELSE interval '30 days' + interval '1050 days' * (n::float / %(size)s) END)"
)
_DRAWN: Final = {
    "id": "gen_random_uuid()",
    "reference": "'RQ-' || n",
    "created_at": _MOMENT,
    "submitted_at": _MOMENT,
    "refunded_at": _MOMENT,
    "requested_minor": "100 + n * 7919::bigint % 50000",
    "approved_minor": "100 + n * 7919::bigint % 50000",
    "reason_id": "(ARRAY['damaged', 'changed_mind', 'wrong_item', 'late_delivery'])[1 + n % 4]",
    "exception_code": "CASE WHEN n % 10 = 0 THEN 'CODE_' || n / 10 % 20 ELSE '' END",
}
"""What is drawn for request `n`; the rest is as in the first one, its decision too."""


def fill_requests(size: int, *, at: datetime) -> None:
    """Fill up to `size` requests besides the one there is; neither triggers nor foreign keys look."""
    names = [str(field.column) for field in RefundRequest._meta.concrete_fields]
    chosen = ", ".join(_DRAWN.get(name, f'first."{name}"') for name in names)
    # A percent sign of a modulo is none of a parameter; those of the moments are.
    chosen = chosen.replace("%(", "\0").replace("%", "%%").replace("\0", "%(")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE refunds_refundrequest DISABLE TRIGGER ALL")
        cursor.execute(
            f"""INSERT INTO refunds_refundrequest ({", ".join(f'"{name}"' for name in names)})
            SELECT {chosen} FROM generate_series(
                (SELECT count(*) FROM refunds_refundrequest WHERE reference LIKE 'RQ-%%'), %(size)s - 1) AS n,
                (SELECT * FROM refunds_refundrequest WHERE reference NOT LIKE 'RQ-%%' LIMIT 1) AS first""",  # noqa: S608 - columns of ours
            {"at": at, "lately": LATELY, "size": size},
        )
        cursor.execute("ALTER TABLE refunds_refundrequest ENABLE TRIGGER ALL")
        cursor.execute("VACUUM ANALYZE refunds_refundrequest")
