"""The tree of RFC 6962: against its definition, its published vectors, and every proof somebody could forge."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.checkpoints.merkle import (
    NotProven,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    split_of,
)

PUBLISHED = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]
"""Leaves and the root of the first leaves up to each: the test vectors of Certificate Transparency."""

LEAVES = [leaf_hash(bytes([number])) for number in range(200)]


def defined(start: int, end: int) -> bytes:
    """Hash as the RFC defines it."""
    if end - start == 1:
        return LEAVES[start]
    middle = start + split_of(end - start)
    return node_hash(defined(start, middle), defined(middle, end))


class TestRoot:
    def test_is_the_published_one(self) -> None:
        leaves = [leaf_hash(bytes.fromhex(content)) for content, _ in PUBLISHED]

        assert [root_of(leaves[: count + 1]).hex() for count in range(8)] == [root for _, root in PUBLISHED]

    def test_is_as_defined_for_every_size(self) -> None:
        assert [root_of(LEAVES[:size]) for size in range(1, 200)] == [defined(0, size) for size in range(1, 200)]


class TestInclusion:
    def test_is_proven_for_every_leaf_of_every_size(self) -> None:
        for size in range(1, 66):
            for position in range(size):
                path = inclusion_path(position, size, defined)
                assert len(path) <= (size - 1).bit_length()
                check_inclusion(leaf=LEAVES[position], position=position, size=size, path=path, root=defined(0, size))

    @given(st.integers(1, 199), st.data())
    @settings(max_examples=150, deadline=None)
    def test_is_proven_by_nothing_else(self, size: int, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, size - 1))
        path = inclusion_path(position, size, defined)
        right = {"leaf": LEAVES[position], "position": position, "size": size, "path": path, "root": defined(0, size)}
        wrong: list[dict[str, Any]] = [
            {"leaf": leaf_hash(b"forged")},
            {"root": leaf_hash(b"forged")},
            {"path": [*path, leaf_hash(b"forged")]},
            {"position": size},
        ]
        if path:
            wrong += [{"path": path[1:]}, {"path": [leaf_hash(b"forged"), *path[1:]]}]
            wrong += [{"position": (position + 1) % size}]
        for change in wrong:
            with pytest.raises(NotProven):
                check_inclusion(**{**right, **change})


class TestConsistency:
    def test_is_proven_between_all_sizes(self) -> None:
        for new in range(1, 66):
            for old in range(1, new + 1):
                path = consistency_path(old, new, defined)
                check_consistency(old=old, new=new, path=path, old_root=defined(0, old), new_root=defined(0, new))

    def test_is_not_proven_for_a_tree_with_another_past(self) -> None:
        for new in range(2, 40):
            for old in range(1, new):
                check = partial(check_consistency, old=old, new=new, path=consistency_path(old, new, defined))
                for roots in (
                    {"old_root": leaf_hash(b"forged"), "new_root": defined(0, new)},
                    {"old_root": defined(0, old), "new_root": leaf_hash(b"forged")},
                ):
                    with pytest.raises(NotProven):
                        check(**roots)  # type: ignore[arg-type]  # a test's shorthand
