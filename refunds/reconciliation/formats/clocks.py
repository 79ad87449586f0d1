"""Times as files print them, with the names of their zones, as moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# What a file says in winter and in summer is two names with one offset each; a zone of the same name would guess.
_HOURS = (
    {"UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3}
    | {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BRT": -3}
    | {"SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13}
)


def moment_of(text: str, *, patterns: tuple[str, ...], zone: str = "UTC") -> datetime:
    """Read a time in a named zone.

    :raises ValueError: with a sentence
    """
    for pattern in patterns:
        try:
            read = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return _in_utc(read.replace(tzinfo=zone_named(zone)))
    expected = datetime(2026, 11, 25, 10, 1, tzinfo=UTC).strftime(patterns[0])
    message = f"“{text[:24]}” is not a time such as {expected}."
    raise ValueError(message)


def iso_moment(text: str) -> datetime:
    """Read a time as ISO 8601; one without a zone is UTC.

    :raises ValueError: with a sentence
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"“{text[:24]}” is not a time such as 2026-11-12 10:01:00."
        raise ValueError(message) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        message = f"“{moment:%Y-%m-%d}” is not a day that books know."
        raise ValueError(message) from None


def zone_named(name: str) -> timezone | ZoneInfo:
    """Find a zone by its name or its abbreviation.

    :raises ValueError: with a sentence
    """
    hours = _HOURS.get(name.strip().upper())
    if hours is not None:
        return timezone(timedelta(hours=hours))
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"“{name[:24]}” is not a time zone we know."
        raise ValueError(message) from None
