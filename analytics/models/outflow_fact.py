"""One outflow as the dashboards count it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.people import Team
from config.kernel.wording import said
from policies.models import PolicyVersion

KINDS_OF_LEAKAGE = (
    "override_minor",
    "ungoverned_minor",
    "over_minor",
    "double_loss_minor",
    "late_failure_minor",
    "fees_minor",
)
"""The columns that leakage is split into; no unit of money stands in two of them."""

STEPS = ("review", "approval", "info", "hold", "queue", "processing")
"""The steps of a request's life whose seconds are kept, up to the first time its money left."""

TIMES = ("decide", "pay", "decide_working", "pay_working", *STEPS)
"""All lengths of time that are kept: from the submit, by every hour and by the team's working hours, and the steps."""


class Origin(models.TextChoices):
    """Whether somebody had asked before money left."""

    ASKED = "asked", said("We were asked")
    UNGOVERNED = "ungoverned", said("Nobody had asked")
    NOTHING = "", said("Nothing is gone")


class OutflowFact(models.Model):
    """A submitted request, or a refund seen elsewhere: its dimensions, what it leaked, how long each step took.

    Derived from rows of other apps and never a source: it can be thrown away and counted anew. It knows a customer by
    nothing but the request. Fees in another currency than the refund's have a row of their own, which is not `is_main`
    and counts as no request. `asked_minor` is what was asked for, `allowed_minor` what the policy then in force
    allowed, `failed_late_minor` what came back after it had left, on a statement or not. `due_step_count` approval
    steps were answered, `late_step_count` of them after they were due. Days are UTC.
    """

    subject_kind = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    is_main = models.BooleanField()
    order_id = models.BigIntegerField(null=True)

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=32)
    state = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    band = models.CharField(max_length=20)
    channel = models.CharField(max_length=50)
    product = models.CharField(max_length=60)
    origin = models.CharField(max_length=12, choices=Origin, db_default="")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    sale_on = models.DateField()
    submitted_on = models.DateField()
    decided_on = models.DateField(null=True)
    refunded_on = models.DateField(null=True)

    asked_minor = models.BigIntegerField()
    allowed_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    override_minor = models.BigIntegerField()
    ungoverned_minor = models.BigIntegerField()
    over_minor = models.BigIntegerField()
    double_loss_minor = models.BigIntegerField()
    late_failure_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    goodwill_minor = models.BigIntegerField()
    failed_late_minor = models.BigIntegerField()

    decide_seconds = models.BigIntegerField(null=True)
    pay_seconds = models.BigIntegerField(null=True)
    decide_working_seconds = models.BigIntegerField(null=True)
    pay_working_seconds = models.BigIntegerField(null=True)
    review_seconds = models.BigIntegerField(null=True)
    approval_seconds = models.BigIntegerField(null=True)
    info_seconds = models.BigIntegerField(null=True)
    hold_seconds = models.BigIntegerField(null=True)
    queue_seconds = models.BigIntegerField(null=True)
    processing_seconds = models.BigIntegerField(null=True)

    due_step_count = models.BigIntegerField(db_default=0)
    late_step_count = models.BigIntegerField(db_default=0)

    is_touch_free = models.BooleanField()
    is_reviewed = models.BooleanField()
    is_unchanged = models.BooleanField()
    is_by_amount = models.BooleanField()
    is_evidence_asked = models.BooleanField()
    is_evidence_held = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_fact_per_outflow_and_currency", fields=["subject_kind", "subject_id", "currency"]
            ),
            models.CheckConstraint(
                name="leakage_is_within_what_left",
                condition=Q(
                    refunded_minor__gte=models.F("override_minor")
                    + models.F("ungoverned_minor")
                    + models.F("over_minor")
                    + models.F("double_loss_minor")
                ),
            ),
        ]
        indexes = [
            models.Index(name="fact_of_order", fields=["order_id"], condition=Q(order_id__isnull=False)),
            models.Index(
                name="fact_refunded", fields=["team", "-refunded_on", "-id"], condition=Q(refunded_on__isnull=False)
            ),
            models.Index(name="fact_sold", fields=["team", "-sale_on", "-id"], condition=Q(refunded_on__isnull=False)),
            models.Index(
                name="fact_decided", fields=["team", "-decided_on", "-id"], condition=Q(decided_on__isnull=False)
            ),
            models.Index(name="fact_failed_late", fields=["id"], condition=Q(failed_late_minor__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.currency}"

    @property
    def leakage_minor(self) -> int:
        """What leaked in all, in minor units."""
        return sum(getattr(self, column) for column in KINDS_OF_LEAKAGE)
