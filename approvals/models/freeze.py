"""Switches that stop money at once, and what each of them stopped."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import FreezeScope
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.wording import said


class FreezeSwitch(models.Model):
    """While it is on, nothing in its scope is submitted, approved or sent to a gateway."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.CharField(max_length=12, choices=FreezeScope)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=32, blank=True, default="")
    why = models.CharField(max_length=400)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    is_four_eyes = models.BooleanField(
        default=False, db_default=False, help_text=said("Whoever set it does not lift it.")
    )
    is_held = models.BooleanField(
        default=False, db_default=False, help_text=said("Something must be finished before anybody lifts it.")
    )
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="freeze_names_what_it_stops",
                condition=Q(scope="agent", agent__isnull=False, team__isnull=True, category="")
                | Q(scope="team", agent__isnull=True, team__isnull=False, category="")
                | (Q(scope="category", agent__isnull=True, team__isnull=True) & ~Q(category=""))
                | Q(scope="everything", agent__isnull=True, team__isnull=True, category=""),
            ),
            models.CheckConstraint(name="freeze_has_a_reason", condition=~Q(why="")),
            models.CheckConstraint(
                name="freeze_is_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="held_freeze_is_not_lifted", condition=Q(is_held=False) | Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="four_eyes_lift_a_freeze",
                condition=Q(is_four_eyes=False) | Q(lifted_by__isnull=True) | ~Q(lifted_by=F("set_by")),
            ),
            models.UniqueConstraint(
                name="one_freeze_on_per_scope",
                fields=["scope", "agent", "team", "category"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        what = {"agent": self.agent, "team": self.team, "category": self.category}.get(self.scope, "everything")
        return f"freeze of {what}"


class FreezeStop(models.Model):
    """One thing a switch stopped."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    switch = models.ForeignKey(FreezeSwitch, on_delete=models.PROTECT, related_name="stops")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    reference = models.CharField(max_length=80)
    page = models.CharField(max_length=200, blank=True, default="", db_default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField()

    class Meta:
        ordering = ["-stopped_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="stopped_once_per_switch_and_verb", fields=["switch", "subject_kind", "subject_id", "verb"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.verb}"

    @property
    def amount(self) -> Money:
        """What did not move."""
        return Money(self.amount_minor, self.currency)
