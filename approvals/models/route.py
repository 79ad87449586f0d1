"""The plan of signatures for one subject, and how far it got."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from approvals.vocabulary import Risk, RouteState
from config.kernel.ids import new_id
from config.kernel.live import tell_live
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from config.kernel.wording import said


class ApprovalRoute(models.Model):
    """Carries a brief of its subject, so that the queue needs no join and no look upward."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=RouteState, default=RouteState.OPEN)

    reference = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    customer = models.CharField(max_length=120, blank=True, default="")
    category = models.CharField(max_length=32)
    reason = models.CharField(max_length=40, blank=True, default="")
    exception_code = models.CharField(max_length=40, blank=True, default="")
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.LOW)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    part_number = models.PositiveIntegerField(
        default=1, db_default=1, help_text=said("Which part of something larger this is; 1 when it is whole.")
    )
    others_minor = models.BigIntegerField(default=0, db_default=0, help_text=said("What the other parts ask for."))
    is_routine = models.BooleanField(
        default=False, db_default=False, help_text=said("In policy, of low risk, its evidence complete.")
    )
    page = models.CharField(max_length=200)
    panel = models.CharField(max_length=200)

    current_level = models.PositiveSmallIntegerField(default=1)
    current_role = models.CharField(max_length=40)
    open_roles = ArrayField(models.CharField(max_length=40), default=list)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    seconds_left = models.IntegerField(
        null=True,
        blank=True,
        help_text=said("What was left of the promise, in working time, when the clock was stopped."),
    )
    lapses_at = models.DateTimeField(null=True, blank=True)
    lapse_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("decide_approvalstep", "Can decide on an approval step")]
        triggers = [
            tell_live(
                name="routes_are_live",
                columns=("state", "current_level", "current_role", "open_roles", "due_at"),
                team="NEW.team_id",
                is_told_of_new=True,
            ),
            # What is signed, and who is no stranger to it, is what people saw when they signed.
            pgtrigger.Protect(
                name="what_is_signed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "subject_kind", "subject_id", "requested_by", "reviewed_by", "amount_minor", "currency"
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_route_per_subject", fields=["subject_kind", "subject_id"], condition=Q(state="open")
            ),
            models.CheckConstraint(name="route_state_is_known", condition=Q(state__in=RouteState.values)),
            models.CheckConstraint(name="route_amount_is_positive", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(name="other_parts_are_not_negative", condition=Q(others_minor__gte=0)),
        ]
        indexes = [
            models.Index(
                name="route_queue", fields=["team", "due_at", "id"], include=["amount_minor"], condition=Q(state="open")
            ),
            # For several teams at once: their ranges of the index above would have to be sorted into one.
            models.Index(name="route_by_promise", fields=["due_at", "id"], condition=Q(state="open")),
            models.Index(
                name="route_exceptions",
                fields=["team", "due_at", "id"],
                condition=Q(state="open") & ~Q(exception_code=""),
            ),
            models.Index(name="route_by_risk", fields=["risk", "team", "due_at", "id"], condition=Q(state="open")),
            models.Index(name="route_of_subject", fields=["subject_kind", "subject_id"]),
            models.Index(name="route_lapses", fields=["lapses_at"], condition=Q(state="open", lapses_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.state}"

    @property
    def subject(self) -> Subject:
        """What the signatures are for."""
        return Subject(self.subject_kind, self.subject_id)

    @property
    def amount(self) -> Money:
        """What is asked to be signed."""
        return Money(self.amount_minor, self.currency)

    @property
    def together(self) -> Money:
        """What this and the other parts of the same ask for."""
        return Money(self.amount_minor + self.others_minor, self.currency)
