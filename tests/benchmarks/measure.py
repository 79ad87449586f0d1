"""The stage of a benchmark and the form of its report."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

from django.test.utils import setup_databases, teardown_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS = 3


@contextmanager
def own_database() -> Iterator[None]:
    """Work in a database that is gone afterwards."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(databases, verbosity=0)


def seconds(act: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def report(
    name: str,
    *,
    ours: Sequence[float],
    reference: Sequence[float],
    unit: str,
    floor: float,
    target: float,
    is_latency: bool = False,
    note: str = "",
) -> bool:
    """Print one figure and its JSON; answer whether the floor holds.

    `ours` and `reference` are one value for each round. The ratio is ours / reference; for latencies a smaller one is
    the better, and floor and target are upper limits.
    """
    ratios = [mine / theirs for mine, theirs in zip(ours, reference, strict=True)]
    ratio = median(ratios)
    holds = ratio <= target if is_latency else ratio >= target
    stands = ratio <= floor if is_latency else ratio >= floor
    verdict = "PASS" if holds else "FAIL"
    sys.stdout.write(
        f"BENCH {name} ours={median(ours):.4g} {unit} ref={median(reference):.4g} {unit} ratio={ratio:.3g} "
        f"[{min(ratios):.3g}-{max(ratios):.3g}] floor={floor} target={target} {verdict}{' ' + note if note else ''}\n"
    )
    figures = {"bench": name, "unit": unit, "ours": list(ours), "ref": list(reference), "ratio": ratio}
    sys.stdout.write(json.dumps({**figures, "floor": floor, "target": target, "verdict": verdict}) + "\n")
    sys.stdout.flush()
    return stands
