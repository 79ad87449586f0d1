"""What must be there before a decision: one line of the evidence map."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.wording import said
from evidence.vocabulary import Artifact, DecisionPoint

LONGEST_WHY = 400
LONGEST_OWNER = 80


class EvidenceRequirement(models.Model):
    """At a decision point, for what the conditions say, an artifact must exist; an empty condition holds for all.

    Reasons, exception codes, categories and payout methods are words of the apps above; whoever writes a requirement
    checks them. It is never deleted, only switched off: refusals of the past rest on it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    point = models.CharField("decision point", max_length=24, choices=DecisionPoint)
    artifact = models.CharField(max_length=24, choices=Artifact)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=32, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")
    exception_code = models.CharField(max_length=40, blank=True, default="")
    method = models.CharField("payout method", max_length=16, blank=True, default="")
    above_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    is_active = models.BooleanField("in force", default=True)
    why = models.CharField("why, or by which rule", max_length=LONGEST_WHY)
    owner = models.CharField(max_length=LONGEST_OWNER, help_text=said("The team that answers for this demand."))

    class Meta:
        ordering = ["point", "artifact", "reason", "exception_code", "pk"]
        constraints = [
            models.CheckConstraint(name="requirement_point_is_known", condition=Q(point__in=DecisionPoint.values)),
            models.CheckConstraint(name="requirement_artifact_is_known", condition=Q(artifact__in=Artifact.values)),
            models.CheckConstraint(
                name="requirement_amount_has_a_currency",
                condition=Q(above_minor__isnull=True, currency="") | (Q(above_minor__gte=0) & ~Q(currency="")),
            ),
            models.CheckConstraint(name="requirement_says_why", condition=Q(why__regex=r"\S")),
            models.CheckConstraint(name="requirement_has_an_owner", condition=Q(owner__regex=r"\S")),
            models.UniqueConstraint(
                name="requirement_stands_once",
                fields=[
                    "point",
                    "artifact",
                    "team",
                    "category",
                    "reason",
                    "exception_code",
                    "method",
                    "above_minor",
                    "currency",
                ],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_artifact_display()} at {self.get_point_display().lower()}"

    @property
    def above(self) -> Money | None:
        """The amount above which it holds."""
        return None if self.above_minor is None else Money(self.above_minor, self.currency)
