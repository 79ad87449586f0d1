"""Sums of facts by day, for one value of one dimension."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.people import Team
from config.kernel.wording import said

SUMMED = (
    "count",
    "refunded_minor",
    "override_minor",
    "ungoverned_minor",
    "over_minor",
    "double_loss_minor",
    "late_failure_minor",
    "fees_minor",
    "goodwill_minor",
    "leaking_count",
    "touch_free_count",
    "reviewed_count",
    "unchanged_count",
    "waited_seconds",
    "evidence_asked_count",
    "evidence_held_count",
    "due_step_count",
    "late_step_count",
)
"""The columns that are added up."""


MONTHS = "month."
"""What stands before a dimension whose days are added up to their month."""


class Basis(models.TextChoices):
    """Which day of an outflow a cell goes by."""

    REFUND = "refund", said("Month of the refund")
    SALE = "sale", said("Month of the sale")
    DECISION = "decision", said("Month of the decision")


class OutflowCell(models.Model):
    """What the facts of one day, team and currency add up to for one value of one dimension.

    `dimension` is a word such as `code`, `value` one of its values; `total` has the one value "". Of steps
    (`step.approval`) and amounts the value is a bucket: the number rounded up to two digits, with leading noughts.
    Steps are added up by month, on its first day: they have many buckets. Every other dimension but amounts is there
    twice, by day and (`month.code`) by month, so that a year is read from twelve cells for each value.
    """

    basis = models.CharField(max_length=8, choices=Basis)
    on = models.DateField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    dimension = models.CharField(max_length=20)
    value = models.CharField(max_length=60)
    count = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    override_minor = models.BigIntegerField()
    ungoverned_minor = models.BigIntegerField()
    over_minor = models.BigIntegerField()
    double_loss_minor = models.BigIntegerField()
    late_failure_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    goodwill_minor = models.BigIntegerField()
    leaking_count = models.BigIntegerField()
    touch_free_count = models.BigIntegerField()
    reviewed_count = models.BigIntegerField()
    unchanged_count = models.BigIntegerField()
    waited_seconds = models.BigIntegerField()
    evidence_asked_count = models.BigIntegerField()
    evidence_held_count = models.BigIntegerField()
    due_step_count = models.BigIntegerField(db_default=0)
    late_step_count = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            # In the order in which dashboards ask: one dimension, some days, the viewer's teams.
            models.UniqueConstraint(
                name="one_cell_per_day_and_value", fields=["dimension", "basis", "on", "team", "currency", "value"]
            ),
        ]
        indexes = [
            models.Index(name="cell_empty", fields=["id"], condition=Q(count=0, refunded_minor=0)),
            # Of steps only the count is read, of many classes: the index answers alone, and the wide rows stay unread.
            models.Index(
                name="cell_of_step",
                fields=["dimension", "on", "team", "currency", "value"],
                include=["count"],
                condition=Q(basis=Basis.DECISION, dimension__startswith="step."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} of {self.on}"
