"""The tree as it is kept: the leaves in their order, and the roots of whole subtrees."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from evidence.models import CheckpointLeaf, CheckpointNode

from .merkle import leaf_hash, node_hash, root_of, split_of

if TYPE_CHECKING:
    from collections.abc import Iterable

LOWEST_LEVEL = 8
"""Subtrees below 256 leaves are hashed anew from their leaves."""

TILE = 1 << LOWEST_LEVEL


class StoredTree:
    """The hashes of one tree, each read once; made for one piece of work and then forgotten."""

    def __init__(self) -> None:
        self._tiles: dict[int, list[bytes]] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}

    def hash_of(self, start: int, end: int) -> bytes:
        """Find or compute the root of the leaves `start` to `end - 1`; `start` is where a subtree may begin."""
        size = end - start
        if size >= TILE and size & (size - 1) == 0:
            return self._node(size.bit_length() - 1, start // size)
        if size <= TILE:
            tile, first = start // TILE, start % TILE
            return root_of(self._tile(tile)[first : first + size])
        middle = start + split_of(size)
        return node_hash(self.hash_of(start, middle), self.hash_of(middle, end))

    def grow(self, *, old: int, new: int) -> None:
        """Keep the subtrees that became whole as the tree grew from `old` to `new` leaves."""
        grown: list[CheckpointNode] = []
        level = LOWEST_LEVEL
        while new >> level:
            for place in range(old >> level, new >> level):
                hashed = self._hash_whole(level, place)
                self._nodes[level, place] = hashed
                grown.append(CheckpointNode(level=level, place=place, hash=hashed))
            level += 1
        CheckpointNode.objects.bulk_create(grown, batch_size=1000)

    def know_leaves(self, start: int, entry_hashes: Iterable[bytes]) -> None:
        """Take whole tiles that were just written, so that they are not read again."""
        hashes = iter(entry_hashes)
        to_the_next = -start % TILE
        list(islice(hashes, to_the_next))
        tile = (start + to_the_next) // TILE
        while len(content := [leaf_hash(entry_hash) for entry_hash in islice(hashes, TILE)]) == TILE:
            self._tiles[tile] = content
            tile += 1

    def _hash_whole(self, level: int, place: int) -> bytes:
        if level == LOWEST_LEVEL:
            return root_of(self._tile(place))
        return node_hash(self._node(level - 1, place * 2), self._node(level - 1, place * 2 + 1))

    def _node(self, level: int, place: int) -> bytes:
        known = self._nodes.get((level, place))
        if known is None:
            known = bytes(CheckpointNode.objects.get(level=level, place=place).hash)
            self._nodes[level, place] = known
        return known

    def _tile(self, tile: int) -> list[bytes]:
        known = self._tiles.get(tile)
        if known is None:
            leaves = CheckpointLeaf.objects.filter(position__gte=tile * TILE, position__lt=(tile + 1) * TILE)
            hashes = leaves.order_by("position").values_list("entry_hash", flat=True)
            known = self._tiles[tile] = [leaf_hash(bytes(each)) for each in hashes]
        return known
