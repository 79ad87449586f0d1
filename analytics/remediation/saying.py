"""Words of items: what somebody typed, read with care, and what the rule says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from analytics.selectors import percent
from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence.text import refuse_card_number

if TYPE_CHECKING:
    from analytics.models import RemediationReading, RemediationRule

    from .measuring import Use

LONGEST: Final = 2000
LONGEST_LINK: Final = 500
LONGEST_VERSION: Final = 40


def words_in(text: str, *, field: str, missing: str = "") -> str:
    """Read what somebody typed; where `missing` is empty, nothing is enough.

    :raises Refused: `note_missing` with the sentence, `invalid` for too much, or `card_number_in_text`
    """
    written = text.strip()
    if missing and not written:
        raise Refused("note_missing", missing, field)
    if len(written) > LONGEST:
        raise Refused("invalid", said("Say it in at most {most} characters.", most=LONGEST), field)
    refuse_card_number(written, field=field)
    return written


def link_in(text: str, *, field: str) -> str:
    """Read a link to a page; empty is no link.

    :raises Refused: `invalid` for what is no address of the web
    """
    link = text.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or len(link) > LONGEST_LINK or any(map(str.isspace, link)):
        raise Refused("invalid", said("Give a web address that begins with https://."), field)
    refuse_card_number(link, field=field)
    return link


def found_by_rule(use: Use, rule: RemediationRule) -> str:
    """Say why the rule opened an item, with its numbers."""
    return (
        f"Used {use.count:,} times in {rule.days} days, in {percent(use.count, use.of)} of {use.of:,} requests,"
        " over every team."
    )


def reading_words(reading: RemediationReading) -> str:
    """Say what was counted, in one sentence."""
    return (
        f"{percent(reading.before_count, reading.before_of)} before ({reading.before_count:,} of"
        f" {reading.before_of:,}), {percent(reading.after_count, reading.after_of)} after ({reading.after_count:,} of"
        f" {reading.after_of:,}); the difference lies between {points(reading.low_basis_points)} and"
        f" {points(reading.high_basis_points)} percentage points at 95 %."
    )


def points(basis_points: int) -> str:
    """Say a difference of shares in percentage points, with its sign."""
    whole, rest = divmod(abs(basis_points), 100)
    sign = "-" if basis_points < 0 else "+" if basis_points else ""
    return f"{sign}{whole}.{rest:02d}"
