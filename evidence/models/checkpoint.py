"""The tree over the ledger, and what was signed of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.wording import said

from .append_only import refuse_change, refuse_truncate
from .ledger_entry import LedgerEntry
from .signing_key import SigningKey

_LEAVES, _NODES, _CHECKPOINTS = "list of leaves", "tree", "list of checkpoints"


class CheckpointLeaf(models.Model):
    """The place of one ledger entry in the tree, and the hash it had when it got there."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="leaf")
    entry_hash = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(name="leaf_position_counts_from_zero", condition=Q(position__gte=0))]
        triggers = [refuse_change(_LEAVES), refuse_truncate(_LEAVES)]

    def __str__(self) -> str:
        return f"leaf {self.position}"


class CheckpointNode(models.Model):
    """The root of a whole subtree of `2 ** level` leaves, so that nothing is hashed twice.

    `place` counts the subtrees of a level from the left. Small ones are not kept: reading their leaves is as quick.
    """

    level = models.PositiveSmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="node_has_one_place")]
        triggers = [refuse_change(_NODES), refuse_truncate(_NODES)]

    def __str__(self) -> str:
        return f"node {self.place} of level {self.level}"


class Checkpoint(models.Model):
    """A signed root over the first `size` leaves, chained to the note before it.

    `note` is the exact signed text; the other columns repeat it for queries, and verification compares them. Every
    ledger entry up to `settled_id` is among the leaves or was never committed: the next one need not look there.
    `closes_on` is the day (UTC) that it is the last word about.
    """

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField()
    previous = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.TextField()
    settled_id = models.BigIntegerField()
    closes_on = models.DateField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="checkpoint_counts_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="checkpoint_covers_something", condition=Q(size__gte=1)),
            models.UniqueConstraint(fields=["previous"], name="checkpoint_has_one_successor"),
        ]
        indexes = [models.Index(fields=["size", "number"], name="checkpoint_by_size")]
        triggers = [refuse_change(_CHECKPOINTS), refuse_truncate(_CHECKPOINTS)]

    def __str__(self) -> str:
        return f"checkpoint {self.number} over {self.size} entries"

    @property
    def root_hex(self) -> str:
        """The root as people compare it."""
        return bytes(self.root).hex()


class CheckpointErrand(models.Model):
    """What is still to be done, or was done, with a checkpoint elsewhere: leave a copy there, have it stamped."""

    class Kind(models.TextChoices):
        """What is done."""

        COPY = "copy", said("Copy")
        STAMP = "stamp", said("Time stamp")

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="errands", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind)
    next_at = models.DateTimeField()
    try_count = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True, default="")
    token = models.BinaryField(default=b"", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "kind"], name="checkpoint_is_sent_once_a_kind"),
            models.CheckConstraint(name="errand_kind_is_known", condition=Q(kind__in=["copy", "stamp"])),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="errand_to_do", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of checkpoint {self.checkpoint_id}"
