"""What makes the digests about one subject its own."""

from __future__ import annotations

from django.db import models

SALT_BYTES = 32


class SubjectSalt(models.Model):
    """A random key for the digests of one subject; erased with the texts, and then the digests say nothing any more."""

    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    salt = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="subject_has_one_salt"),
        ]

    def __str__(self) -> str:
        return f"salt of {self.subject_kind} {self.subject_id}"
