"""A name or an address in texts about something else: found by its words, replaced, and the rest of the text stays."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from django.db import connection
from psycopg import sql

from refunds.models import Customer

from .columns import Fate, columns_that

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import LiteralString

LEFT = "…"
SHORTEST = 6
"""A shorter name stands in too many other words."""

GONE = json.dumps(
    {"type": "about:blank", "title": "Erased", "status": 410, "code": "erased", "detail": "This answer was erased."}
).encode()

_JSON_COLUMNS = {("kernel_job", "result")}


def words_of(customers: Iterable[Customer]) -> tuple[list[str], list[str]]:
    """Answer the words by which customers are found in texts, and names that are left alone.

    An address is always searched for. A name is not while another customer bears it, nor when it is too short: it
    would be a guess whom the text means.
    """
    rows = list(customers)
    addresses = {row.email.strip() for row in rows if row.email.strip()}
    names = {" ".join(row.name.split()) for row in rows} - {""}
    others = Customer.objects.exclude(pk__in=[row.pk for row in rows])
    left_alone = {name for name in names if len(name) < SHORTEST or others.filter(name__iexact=name).exists()}
    return sorted(addresses | (names - left_alone)), sorted(left_alone)


def forget_mentions(words: Sequence[str]) -> int:
    """Replace the words wherever a column is listed for it; answers how many texts were changed."""
    if not words:
        return 0
    pattern = "|".join(_pattern(word) for word in words)
    changed = 0
    with connection.cursor() as cursor:
        for table, column in columns_that(Fate.MENTIONS):
            kind = sql.SQL("jsonb" if (table, column) in _JSON_COLUMNS else "text")
            cursor.execute(
                sql.SQL(
                    "UPDATE {t} SET {c} = regexp_replace({c}::text, %(pattern)s, %(left)s, 'gi')::{kind}"
                    " WHERE {c}::text ~* %(pattern)s"
                ).format(t=sql.Identifier(table), c=sql.Identifier(column), kind=kind),
                {"pattern": pattern, "left": LEFT},
            )
            changed += cursor.rowcount
    return changed


def forget_answers(words: Sequence[str], *, ids: Sequence[str] = ()) -> int:
    """Let stored answers of the API that hold one of the words or ids say that they were erased."""
    return _in_bytes(
        "UPDATE kernel_storedanswer SET status = 410, body = %(gone)s, content_type = 'application/problem+json'"
        " WHERE status IS NOT NULL AND",
        "body",
        words,
        ids,
        gone=GONE,
    )


def forget_deliveries(words: Sequence[str], *, ids: Sequence[str] = ()) -> int:
    """Empty the raw bodies of webhook messages that hold one of the words or ids; that they came stays on record."""
    return _in_bytes("UPDATE refunds_delivery SET raw = '' WHERE raw <> '' AND", "raw", words, ids)


def _in_bytes(statement: LiteralString, column: str, words: Sequence[str], ids: Sequence[str], **values: bytes) -> int:
    # An id stands alone between its quotes, or that of another, which begins with it, would be found too.
    quoted = {json.dumps(one).encode() for one in ids}
    spelled = sorted(quoted | {spelling for word in words for spelling in _spellings(word)})
    if not spelled:
        return 0
    found = sql.SQL(" OR ").join(
        sql.SQL("position({} in {}) > 0").format(sql.Literal(word), sql.Identifier(column)) for word in spelled
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("{} ({})").format(sql.SQL(statement), found), values or None)
        return int(cursor.rowcount)


def _spellings(word: str) -> set[bytes]:
    """Spell a word as JSON may: in UTF-8 or escaped, as it is or in small letters."""
    return {spelled for each in (word, word.lower()) for spelled in (each.encode(), json.dumps(each)[1:-1].encode())}


def _pattern(word: str) -> str:
    """Write a word so that it is found in other letters, over a line break, and in an address of a page."""
    parts = (re.escape(part).replace("@", "(?:@|%40)") for part in word.split())
    inner = r"(?:\s|\+|%20)+".join(parts)
    return rf"(?<!\w){inner}(?!\w)"
