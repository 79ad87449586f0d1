"""A signal, the test behind it, and which of many tests are worth telling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics.statistics.discovery import RATE, adjusted
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from .kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What was seen, its numbers, and exactly the requests it was seen in; never a verdict.

    `sentence` has places `{0}`, `{1}` for the people, who are named only for those who may know. `p_value` is None
    where no chance is involved, and `adjusted` is what it becomes when everything that was looked at counts.
    """

    kind: Kind
    key: str
    sentence: str
    numbers: tuple[tuple[str, str], ...]
    rows: tuple[UUID, ...]
    people: tuple[int, ...] = ()
    p_value: float | None = None
    adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a pattern found worth testing, and how many tests there were with those that could not count."""

    candidates: Sequence[Signal]
    tests: int


def looked(candidates: Iterable[Signal], *, tests: int | None = None) -> Looked:
    """Tell what was found and how many were looked at; every candidate is one unless more is said."""
    listed = list(candidates)
    return Looked(listed, len(listed) if tests is None else tests)


def worth_telling(looks: Iterable[Looked]) -> list[Signal]:
    """Keep what chance does not explain: false discoveries are held to `RATE` over all tests of all kinds together."""
    facts: list[Signal] = []
    tested: list[Signal] = []
    tests = 0
    for look in looks:
        facts += [signal for signal in look.candidates if signal.p_value is None]
        tested += [signal for signal in look.candidates if signal.p_value is not None]
        tests += look.tests
    p_values = [signal.p_value or 0.0 for signal in tested]
    # What was looked at without becoming a candidate is a test with the p-value 1.
    rates = adjusted([*p_values, *[1.0] * max(tests - len(tested) - len(facts), 0)])
    told = [replace(signal, adjusted=rate) for signal, rate in zip(tested, rates, strict=False) if rate <= RATE]
    return facts + sorted(told, key=lambda signal: (signal.p_value or 0.0, signal.kind.slug, signal.key))


def share(part: float) -> str:
    """Print a share."""
    whole, _, tenth = f"{100 * part:.1f}".partition(".")
    return said("{whole}.{tenth} %", whole=whole, tenth=tenth)
