"""What pictures look like, and which of them were sent twice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from evidence.vocabulary import Likelihood, Turn

from .attachment import Attachment


class AttachmentFingerprint(models.Model):
    """How one picture looks from one side: two hashes of 64 bits, compared bit by bit."""

    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="fingerprints")
    turn = models.PositiveSmallIntegerField(choices=Turn)
    phash = models.BigIntegerField()
    dhash = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attachment", "turn"], name="fingerprint_is_kept_once_per_turn"),
            models.CheckConstraint(name="fingerprint_turn_is_known", condition=Q(turn__in=Turn.values)),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id} {self.get_turn_display()}"


class AttachmentReuse(models.Model):
    """Two files of different subjects that show the same picture; the bits are those in which their hashes differ."""

    later = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="+")
    earlier = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="+")
    likelihood = models.CharField(max_length=10, choices=Likelihood)
    phash_bits = models.PositiveSmallIntegerField()
    dhash_bits = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["later", "earlier"], name="reuse_is_kept_once"),
            models.CheckConstraint(name="reuse_likelihood_is_known", condition=Q(likelihood__in=Likelihood.values)),
        ]

    def __str__(self) -> str:
        return f"{self.later_id} and {self.earlier_id}: {self.likelihood}"
