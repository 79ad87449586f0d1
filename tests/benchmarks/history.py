"""What was measured before: one line for each figure of each kept run, and a table of first, last and best.

Run: `python -m tests.benchmarks.history [NAME ...]`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.measure import SIZE
from tests.benchmarks.targets import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FILE: Final = Path(__file__).with_name("history.jsonl")
KEPT: Final = ("bench", "ratio", "low", "high", "floor", "target", "is_latency", "verdict")


def keep(figures: Iterable[dict[str, Any]]) -> None:
    """Append figures with the day, the commit, the cores and how busy the machine was."""
    where = {
        "on": datetime.now(tz=UTC).date().isoformat(),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "size": SIZE,
    }
    with FILE.open("a") as file:
        file.writelines(json.dumps({**where, **{name: one[name] for name in KEPT}}) + "\n" for one in figures)


def kept() -> list[dict[str, Any]]:
    """Read every kept figure, oldest first."""
    return [json.loads(line) for line in FILE.read_text().splitlines()] if FILE.exists() else []


def table(figures: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Set first, last and best of each figure beside each other, those of one size together."""
    yield f"{'#':>2}  {'figure':<24} {'size':<6} {'first':>8} {'last':>8} {'best':>8} {'target':>7}  runs  last on"
    runs: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for one in figures:
        runs.setdefault((number_of(one["bench"]), one["bench"], one["size"]), []).append(one)
    for (number, name, size), several in sorted(runs.items()):
        last, ratios = several[-1], [one["ratio"] for one in several]
        best = min(ratios) if last["is_latency"] else max(ratios)
        figure = f"{number or '':>2}  {name:<24} {size:<6} {ratios[0]:>8.3g} {ratios[-1]:>8.3g} {best:>8.3g}"
        when = f"{last['on']} {last['commit']}, load {last['load']} on {last['cores']} cores"
        yield f"{figure} {last['target']:>7g} {len(several):>5}  {when}"


def _commit() -> str:
    """Name the commit that was measured, with a plus where files differ from it."""
    return _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--porcelain", "-uno") else "")


def _git(*words: str) -> str:
    program = shutil.which("git")
    if program is None:
        return ""
    return subprocess.run([program, *words], capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    asked = sys.argv[1:]
    sys.stdout.write("\n".join(table([one for one in kept() if not asked or one["bench"] in asked])) + "\n")
