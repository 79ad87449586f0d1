"""How figures changed against as many days before: in words, because colour alone tells nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from config.kernel.wording import said

if TYPE_CHECKING:
    from .asking import Ask


@dataclass(frozen=True, slots=True)
class Change:
    """The words of a change and the tone that goes with them."""

    words: str = ""
    tone: str = ""


def span_before(ask: Ask) -> Ask:
    """Ask the same of as many days, up to the day before these begin."""
    to_on = max(ask.from_on.toordinal() - 1, 1)
    from_on = max(to_on - (ask.to_on - ask.from_on).days, 1)
    return replace(ask, from_on=date.fromordinal(from_on), to_on=date.fromordinal(to_on))


def of_amount(now: int, before: int, *, is_worse_high: bool | None = None) -> Change:
    """Say by how much an amount, a number or a time changed, as a share of what it was."""
    if not before:
        return Change(said("nothing before") if now else "")
    if now == before:
        return Change(said("as before"))
    tenths = (2_000 * abs(now - before) + before) // (2 * before)
    share = said("{whole}.{tenth}", whole=Decimal(tenths // 10), tenth=tenths % 10)
    words = said("up {share} %", share=share) if now > before else said("down {share} %", share=share)
    return Change(words, _tone(now > before, is_worse_high))


def of_share(
    part: int, whole: int, part_before: int, whole_before: int, *, is_worse_high: bool | None = None
) -> Change:
    """Say by how many points of a percent a share changed."""
    if not whole or not whole_before:
        return Change(said("nothing before") if whole else "")
    tenths = _tenths(part, whole) - _tenths(part_before, whole_before)
    if not tenths:
        return Change(said("as before"))
    points = said("{whole}.{tenth}", whole=abs(tenths) // 10, tenth=abs(tenths) % 10)
    words = said("up {points} points", points=points) if tenths > 0 else said("down {points} points", points=points)
    return Change(words, _tone(tenths > 0, is_worse_high))


def _tenths(part: int, whole: int) -> int:
    """Round as the share itself is rounded, so that the change is the difference of what is read."""
    return (2_000 * part + whole) // (2 * whole)


def _tone(is_up: bool, is_worse_high: bool | None) -> str:  # noqa: FBT001 - the direction of a change
    if is_worse_high is None:
        return ""
    return "bad" if is_up == is_worse_high else "ok"
