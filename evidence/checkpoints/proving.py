"""What an auditor may ask of the tree: the last checkpoint, the keys, and proofs that need no trust in us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.models import Checkpoint, CheckpointLeaf, LedgerEntry, SigningKey

from . import merkle, notes
from .merkle import NotProven
from .notes import NotANote
from .tree import StoredTree

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InclusionProof", "NotProven", "consistency_between", "latest_checkpoint", "proof_for", "public_keys"]


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


@dataclass(frozen=True, slots=True)
class Found:
    """One entry with its proof, which was verified a moment ago."""

    entry: LedgerEntry
    proof: InclusionProof

    @property
    def entry_hash(self) -> str:
        """What the entry hashes to, in hex."""
        return self.proof.entry_hash.hex()

    @property
    def path(self) -> Sequence[str]:
        """The hashes on the way to the root, in hex."""
        return [step.hex() for step in self.proof.path]


def look_up(number: int) -> Found:
    """Find an entry by its number, and verify that it is under a signed root.

    :raises NotProven: with a sentence, when it is not or there is none
    """
    entry = LedgerEntry.objects.filter(pk=number).first()
    if entry is None:
        raise NotProven(f"There is no entry {number}.")
    proof = proof_for(entry)
    if proof is None:
        raise NotProven(f"Entry {number} is under no checkpoint yet; one is made every five minutes.")
    try:
        proof.check()
    except (NotProven, NotANote) as no:
        raise NotProven(f"Entry {number} is not what was signed for: {no}") from no
    return Found(entry, proof)


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
