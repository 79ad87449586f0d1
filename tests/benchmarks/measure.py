"""The stage of a benchmark and the form of its report."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS = 3
TEMPLATE = "BENCH_TEMPLATE"
"""Names the database that each benchmark of a run works in a copy of."""
SIZE = os.environ.get("BENCH_SIZE", "full")
"""`full` measures at the size a target names; `small` shows the shape in a minute or two."""


def sized(*, small: int, full: int) -> int:
    """Choose a number by the size that was asked for."""
    return small if SIZE == "small" else full


@contextmanager
def own_database() -> Iterator[None]:
    """Work in a database that is gone afterwards: a copy where a run of several has made one, else migrated anew."""
    template = os.environ.get(TEMPLATE, "")
    if template:
        with _copy_of(template):
            yield
        return
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        # A server that was stopped this moment may not have hung up yet, and its database could not be dropped.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(databases, verbosity=0)


@contextmanager
def _copy_of(template: str) -> Iterator[None]:
    before, copy = connection.settings_dict["NAME"], f"{template}_copy"
    _outside(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)", f"CREATE DATABASE {copy} TEMPLATE {template}")
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        _outside(f"DROP DATABASE {copy} WITH (FORCE)")
        connection.settings_dict["NAME"] = before


def _outside(*statements: str) -> None:
    """Speak to the server while connected to none of the databases that are spoken of."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


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
    limits = {"floor": floor, "target": target, "is_latency": is_latency, "verdict": verdict, "floor_holds": stands}
    sys.stdout.write(json.dumps({**figures, "low": min(ratios), "high": max(ratios), **limits}) + "\n")
    sys.stdout.flush()
    return stands
