"""The public half of a key that signs checkpoints."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from evidence.checkpoints.notes import verifier_key

from .append_only import refuse_truncate

KEY_BYTES = 32


class SigningKey(models.Model):
    """A public key by its id; its private half is in a file that only the signing worker reads.

    `name` is also the origin of the checkpoints it signs. Of all columns only `retired_at` is ever written again, once.
    """

    key_id = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=120)
    public_key = models.BinaryField()
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["retired_at"],
                condition=Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="one_key_signs_at_a_time",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="refuse_change",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.retired_at IS NULL AND (OLD.key_id, OLD.name, OLD.public_key, OLD.since)
                        = (NEW.key_id, NEW.name, NEW.public_key, NEW.since)
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'The list of keys only grows: % was refused.', TG_OP
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
            refuse_truncate("list of keys"),
        ]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id}"

    @property
    def verifier(self) -> str:
        """The key as witnesses read it."""
        return verifier_key(self.name, bytes(self.public_key))
