"""How far the facts follow the ledger and the payments."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class RollupMark(models.Model):
    """The bookmark: one row, locked by whoever counts.

    Every entry up to `settled_id` is counted, and none below it can appear any more. Of those up to `seen_id` what was
    visible is counted too. `waits_for` names transactions that were writing when `pending_id` was the newest entry:
    once they are over, all up to there is visible. The same of payments, of which no entry tells: all up to
    `payment_id` are counted.
    """

    settled_id = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)
    pending_id = models.BigIntegerField(default=0)
    waits_for = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    counted_at = models.DateTimeField(null=True)
    payment_id = models.BigIntegerField(default=0, db_default=0)
    payment_pending_id = models.BigIntegerField(default=0, db_default=0)
    payment_waits_for = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_mark", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"up to {self.settled_id}"
