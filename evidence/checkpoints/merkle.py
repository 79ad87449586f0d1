"""The tree of RFC 6962 (RFC 9162, section 2): what one root says of many leaves, and how to prove it in a few hashes.

Everything here is arithmetic on hashes; where the hashes come from is told by a function `hash_of(start, end)`, which
answers the root of the leaves `start` to `end - 1`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT_OF_NOTHING = hashlib.sha256(b"").digest()


class NotProven(Exception):
    """A proof does not lead from what it starts with to the root."""


def leaf_hash(content: bytes) -> bytes:
    """Hash one leaf; the prefix keeps a leaf from passing for an inner node."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Hash leaf hashes up to their root, level by level; an odd one waits for the level where it finds a partner."""
    if not leaves:
        return ROOT_OF_NOTHING
    level = list(leaves)
    while len(level) > 1:
        paired = [node_hash(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def split_of(size: int) -> int:
    """Find the largest power of two below the size: how many leaves stand on the left."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(position: int, size: int, hash_of: Callable[[int, int], bytes]) -> list[bytes]:
    """Name the hashes that lead from the leaf at this position to the root of the first `size`, the lowest first."""
    if not 0 <= position < size:
        raise NotProven(f"There is no leaf {position} among {size}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if position < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, hash_of: Callable[[int, int], bytes]) -> list[bytes]:
    """Name the hashes that prove the first `old` leaves of the first `new` to be those that an old root stood for."""
    if not 0 < old <= new:
        raise NotProven(f"{new} leaves do not hold {old}.")
    path: list[bytes] = []
    start, end, is_whole = 0, new, True
    while old != end:
        middle = start + split_of(end - start)
        if old <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(hash_of(start, end))
    return path[::-1]


def check_inclusion(*, leaf: bytes, position: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Verify that a leaf hash stands at a position under a root, as RFC 9162, 2.1.3.2 says.

    :raises NotProven: when it does not
    """
    if not 0 <= position < size:
        raise NotProven(f"There is no leaf {position} among {size}.")
    reached = leaf
    for step, is_left in _climb(position, size - 1, path):
        reached = node_hash(step, reached) if is_left else node_hash(reached, step)
    if reached != root:
        raise NotProven("The path does not lead to the root.")


def check_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Verify that a tree only grew, as RFC 9162, 2.1.4.2 says.

    :raises NotProven: when the old leaves are not the first ones of the new tree
    """
    if not 0 < old <= new:
        raise NotProven(f"{new} leaves do not hold {old}.")
    if old == new:
        if path or old_root != new_root:
            raise NotProven("Two roots of one size differ.")
        return
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        raise NotProven("The path is empty.")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step, is_left in _climb(at, last, steps[1:]):
        if is_left:
            before, after = node_hash(step, before), node_hash(step, after)
        else:
            after = node_hash(after, step)
    if before != old_root or after != new_root:
        raise NotProven("The path does not lead from the old root to the new one.")


def _climb(at: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Go up from the node `at` of a level whose last one is `last`: each step, and whether it stands on the left."""
    for step in path:
        if last == 0:
            raise NotProven("The path is too long.")
        is_left = bool(at & 1) or at == last
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        yield step, is_left
        at, last = at >> 1, last >> 1
    if last:
        raise NotProven("The path is too short.")
