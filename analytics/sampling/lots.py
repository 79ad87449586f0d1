"""Lots that a seed draws: the same seed over the same ids draws the same, whoever draws, wherever."""

from __future__ import annotations

from hashlib import sha256
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID


def drawn(lots: Iterable[tuple[UUID, int]], *, size: int, seed: str) -> list[UUID]:
    """Draw `size` ids without putting them back, each with its weight; equal weights make a simple random sample.

    Efraimidis and Spirakis 2006: each id gets the key log(u) / weight and the largest keys win, u from SHA-256 of the
    seed and the id instead of a generator, so that neither the order of rows nor a version of Python matters.
    """
    keyed = sorted(((log(_uniform(seed, one)) / weight, one) for one, weight in lots), reverse=True)
    return [one for _, one in keyed[:size]]


def fingerprint(ids: Sequence[UUID]) -> str:
    """Hash the ids of a population in their order, so that a second draw can prove it drew from the same."""
    return sha256("\n".join(str(one) for one in sorted(ids)).encode()).hexdigest()


def _uniform(seed: str, one: UUID) -> float:
    digest = sha256(f"{seed}:{one}".encode()).digest()
    return (int.from_bytes(digest[:8]) + 1) / (2**64 + 1)
