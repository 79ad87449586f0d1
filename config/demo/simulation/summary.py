"""The summary: one plain table of what was asked, what went wrong on the way and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .audit import Findings
    from .floor import Floor
    from .running import Run

SHOWN_AT_MOST = 3


def lines(
    floor: Floor, run: Run, findings: Findings, weather: Mapping[str, Mapping[str, int]], *, seconds: float
) -> Iterator[str]:
    """Say it, line by line."""
    terms = floor.terms
    rule = "a new key with every retry (wrong on purpose)" if terms.is_naive else "one key for all tries"
    yield ""
    yield f"{terms.operations:,} approved refunds, seed {terms.seed}, {terms.workers} workers, {rule}"
    yield f"took {seconds:.0f} s for {_span(floor.clock.ahead.total_seconds() + seconds)} by the simulation's clock"
    yield ""
    yield f"  {'currency':<10}{'operations':>12}{'our books':>18}{'processor':>18}{'difference':>14}"
    for one in findings.sums:
        ours, theirs = Money(one.ours, one.currency), Money(one.theirs, one.currency)
        yield f"  {one.currency:<10}{one.operations:>12,}{ours!s:>18}{theirs!s:>18}{ours - theirs!s:>14}"
    yield ""
    yield f"  faults at {terms.faults:.0%} of calls and messages: {sum(weather['drawn'].values()):,}"
    yield from _counted(weather["drawn"])
    yield f"  workers killed: {sum(floor.deaths().values()):,}"
    yield from _counted({phase.words: count for phase, count in floor.deaths().items()})
    yield f"  workers stopped for longer than their lease: {floor.freezes:,}"
    if run.database_losses:
        yield f"  times the coordinator lost the database: {run.database_losses:,}"
    yield f"  messages sent: {sum(weather['messages'].values()):,}"
    yield from _counted(weather["messages"])
    yield f"  what finance did: {sum(run.finance.deeds.values()):,}"
    yield from _counted(run.finance.deeds)
    yield ""
    for check in findings.checks:
        shown = "" if check.is_well else f"   e.g. {'; '.join(check.found[:SHOWN_AT_MOST])}"
        yield f"  {len(check.found):>6} {check.asked}{shown}"


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    for what, count in sorted(counts.items()):
        if count:
            yield f"    {count:>6,} {what}"


def _span(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h {rest // 60} min"
