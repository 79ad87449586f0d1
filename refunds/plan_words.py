"""Who signs and by when, in words that are told in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from config.kernel.wording import counted, joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

A_WEEK_DAYS: Final = 7
ROLES: Final[dict[str, str]] = {
    "approver": said("approver"),
    "manager": said("manager"),
    "director": said("director"),
    "finance": said("finance"),
}
"""The roles that sign, inside a sentence; another one is shown by its name."""

WEEKDAYS: Final = (
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
    said("Sunday"),
)
MONTHS: Final = (
    said("January"),
    said("February"),
    said("March"),
    said("April"),
    said("May"),
    said("June"),
    said("July"),
    said("August"),
    said("September"),
    said("October"),
    said("November"),
    said("December"),
)


def people(role: str, quorum: int, out_of: int | None = None, *, is_one_more: bool = False) -> str:
    """Name people by their role: `one approver`, `2 of 3 directors`, `2 signatures of finance`."""
    is_a_person = role.endswith(("er", "or", "ent"))
    name = ROLES.get(role, role.replace("_", " "))
    if out_of is not None:
        if is_a_person:
            return said("{count} of {pool} {role}s", count=quorum, pool=out_of, role=name)
        return said("{count} of {pool} signatures of {role}", count=quorum, pool=out_of, role=name)
    if quorum != 1:
        if is_a_person:
            return said("{count} {role}s", count=quorum, role=name)
        return said("{count} signatures of {role}", count=quorum, role=name)
    if is_one_more:
        return said("one more {role}", role=name) if is_a_person else said("one more signature of {role}", role=name)
    return said("one {role}", role=name) if is_a_person else said("one signature of {role}", role=name)


def moment_words(moment: datetime, zone: str, at: datetime) -> str:
    """Say a moment on the clock of a zone: `16:00 today`, `09:30 tomorrow`, `Tuesday 11:00`, `3 May 11:00`."""
    there, now = moment.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone))
    days, time = (there.date() - now.date()).days, f"{there:%H:%M}"
    if days == 0:
        return said("{time} today", time=time)
    if days == 1:
        return said("{time} tomorrow", time=time)
    if 0 < days < A_WEEK_DAYS:
        return said("{weekday} {time}", weekday=WEEKDAYS[there.weekday()], time=time)
    return said("{day} {month} {time}", day=there.day, month=MONTHS[there.month - 1], time=time)


def hours(count: int) -> str:
    """Say a number of hours."""
    return counted("{count} hour", "{count} hours", count)


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - two words need a joint, one does not
        return words[0] if words else ""
    return said("{others} and {last}", others=joined(words[:-1], ", "), last=words[-1])


def one_after_another(turns: Sequence[str]) -> str:
    """Join turns by `then`."""
    words = turns[0] if turns else ""
    for turn in turns[1:]:
        words = said("{first}, then {second}", first=words, second=turn)
    return words
