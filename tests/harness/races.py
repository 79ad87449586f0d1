"""Several people in the same instant, each with a database connection of her own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


T = TypeVar("T")


def in_the_same_instant(*acts: Callable[[], T]) -> list[T | Exception]:
    """Let every act start at once and answer what each returned or raised, in the order given."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return act()
        except Exception as error:  # noqa: BLE001 - what a racer raised is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))


def in_step(rounds: Sequence[Sequence[Callable[[], T]]]) -> list[list[T | Exception]]:
    """Run many races one after the other: in each round every racer starts at once, on the connection she keeps.

    All rounds have the same number of acts; answers per round what each returned or raised.
    """
    barrier = Barrier(len(rounds[0]))

    def run(acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
        results: list[T | Exception] = []
        try:
            connection.ensure_connection()
            for act in acts:
                barrier.wait(timeout=20)
                try:
                    results.append(act())
                except Exception as error:  # noqa: BLE001 - what a racer raised is what the test looks at
                    results.append(error)
        finally:
            connection.close()
        return results

    with ThreadPoolExecutor(max_workers=len(rounds[0])) as pool:
        return [list(told) for told in zip(*pool.map(run, zip(*rounds, strict=True)), strict=True)]


def winners(results: Sequence[object]) -> list[object]:
    """Keep what did not raise."""
    return [result for result in results if not isinstance(result, Exception)]


def losers(results: Sequence[object]) -> list[Exception]:
    """Keep what raised."""
    return [result for result in results if isinstance(result, Exception)]
