"""Run the benchmarks, each in a process of its own, and print one table of ratios at the end.

`make bench` measures everything at full size. `make bench ONLY=queue_page SIZE=small` measures one module in a minute
or two, `KEEP=1` appends the figures to `history.jsonl` beside this file, and
`python -m tests.benchmarks.history` prints first, last and best of what was kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from tests.benchmarks.history import keep  # noqa: E402
from tests.benchmarks.measure import TEMPLATE, own_database  # noqa: E402
from tests.benchmarks.targets import MODULES, TARGETS, number_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def main(wanted: list[str]) -> int:
    """Run what was asked for, or everything; answer how many missed their floor or broke."""
    figures: list[dict[str, Any]] = []
    broken: list[str] = []
    missed = 0
    modules = wanted or MODULES
    with _one_template(modules):
        for module in modules:
            told, returned = _run(module)
            figures += told
            missed += returned != 0
            if not told:
                broken.append(module)
    sys.stdout.write("\n" + "\n".join(_table(figures, broken, is_whole=not wanted)) + "\n")
    if os.environ.get("BENCH_KEEP"):
        keep(figures)
    return missed


@contextmanager
def _one_template(modules: Sequence[str]) -> Iterator[None]:
    """Migrate one database for several modules; a single one makes its own if it needs any."""
    if len(modules) == 1 or TEMPLATE in os.environ:
        yield
        return
    with own_database():
        os.environ[TEMPLATE] = str(connection.settings_dict["NAME"])
        connection.close()
        yield


def _run(module: str) -> tuple[list[dict[str, Any]], int]:
    """Run one, showing what it says while it says it."""
    figures = []
    with subprocess.Popen(
        [sys.executable, "-m", f"tests.benchmarks.{module}"], stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            if line.startswith('{"bench"'):
                figures.append(json.loads(line))
            else:
                sys.stdout.write(line)
                sys.stdout.flush()
    return figures, process.returncode


def _table(figures: Iterable[dict[str, Any]], broken: list[str], *, is_whole: bool) -> Iterator[str]:
    """Print number, figure, ratio with its spread, floor, target and verdict; what is not measured says why."""
    yield f"{'#':>2}  {'figure':<24} {'ratio':>8}  {'of the rounds':<18} {'floor':>7} {'target':>7}  verdict"
    for one in sorted(figures, key=lambda one: number_of(one["bench"]) or len(TARGETS) + 1):
        spread = f"{one['low']:.3g} to {one['high']:.3g}"
        figure = f"{number_of(one['bench']) or '':>2}  {one['bench']:<24} {one['ratio']:>8.3g}  {spread:<18}"
        yield f"{figure} {one['floor']:>7g} {one['target']:>7g}  {_verdict(one)}"
    for module in broken:
        yield f"    {module:<24} ended without a figure"
    if is_whole:
        for target in TARGETS:
            if target.beside:
                yield f"{target.number:>2}  {target.what}: {target.beside}"


def _verdict(one: dict[str, Any]) -> str:
    if one["verdict"] == "PASS":
        return "PASS"
    return "FAIL, above the floor" if one["floor_holds"] else "FAIL, below the floor"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
