"""That somebody looked through who could approve what, and what she wrote about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from config.kernel.ids import new_id


class SignedReview(models.Model):
    """One signed access review. The ledger holds the same facts with a digest of the note, whose words are here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    moment = models.DateTimeField()
    row_count = models.PositiveIntegerField()
    unexplained_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    note = models.TextField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="signed_review_newest", fields=["-signed_at", "-id"])]

    def __str__(self) -> str:
        return f"review of {self.moment:%Y-%m-%d %H:%M}"
