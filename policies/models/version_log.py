"""What a publication leaves behind."""

from __future__ import annotations

import pgtrigger
from django.db import models

from config.kernel.ids import new_id

from .version import PolicyVersion


class VersionLog(models.Model):
    """The artifact of one publication: what, why, impact, risk, who, every rule that changed, what the proofs said.

    `body` is kept as it was written and never changed; `sha256` is over its canonical JSON and stands in the ledger.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.OneToOneField(PolicyVersion, on_delete=models.PROTECT, related_name="log")
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()

    class Meta:
        triggers = [pgtrigger.Protect(name="version_logs_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"log of {self.version_id}"
