"""What an auditor may ask of the tree: the last checkpoint, the keys, and proofs that need no trust in us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.models import Checkpoint, CheckpointLeaf, SigningKey

from . import merkle, notes
from .tree import StoredTree

if TYPE_CHECKING:
    from evidence.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The hashes that lead from one entry to the root that a checkpoint signed, the lowest first."""

    entry_hash: bytes
    position: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def check(self) -> None:
        """Verify path, root and signature. :raises NotProven: :raises NotANote:"""
        key = self.checkpoint.key
        said = notes.check_signed(self.checkpoint.note, name=key.name, public_key=bytes(key.public_key))
        merkle.check_inclusion(
            leaf=merkle.leaf_hash(self.entry_hash),
            position=self.position,
            size=said.size,
            path=self.path,
            root=said.root,
        )


def latest_checkpoint() -> Checkpoint | None:
    """Find the checkpoint over the most; None before the first one."""
    return Checkpoint.objects.select_related("key").order_by("-number").first()


def public_keys() -> list[SigningKey]:
    """List every key that ever signed, the one in force first."""
    return list(SigningKey.objects.order_by("-since", "key_id"))


def proof_for(
    entry: LedgerEntry, *, checkpoint: Checkpoint | None = None, tree: StoredTree | None = None
) -> InclusionProof | None:
    """Prove that an entry is under a checkpoint, the first one that covers it unless another is named.

    None while no checkpoint covers it. `tree` spares reading for whoever asks for many.
    """
    leaf = CheckpointLeaf.objects.filter(entry=entry).first()
    if leaf is None:
        return None
    under = checkpoint or first_over(leaf.position)
    if under is None or under.size <= leaf.position:
        return None
    path = merkle.inclusion_path(leaf.position, under.size, (tree or StoredTree()).hash_of)
    return InclusionProof(bytes(entry.hash), leaf.position, tuple(path), under)


def first_over(position: int) -> Checkpoint | None:
    """Find the first checkpoint that covers a place."""
    over = Checkpoint.objects.filter(size__gt=position).select_related("key")
    return over.order_by("size", "number").first()


def consistency_between(old: Checkpoint, new: Checkpoint) -> list[bytes]:
    """Prove that the tree of the newer checkpoint only added to that of the older one."""
    return merkle.consistency_path(old.size, new.size, StoredTree().hash_of)
