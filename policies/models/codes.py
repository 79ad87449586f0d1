"""Standard codes: why a customer asks, and why we depart from policy."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from policies.vocabulary import LeakageClass


class CodeFields(models.Model):
    """What every code says of itself."""

    code = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=80)
    hint = models.CharField(max_length=240, blank=True, default="", help_text="Shown beside the choice.")
    leakage_class = models.CharField(max_length=16, choices=LeakageClass)
    is_active = models.BooleanField(default=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class ReasonCode(CodeFields):
    """Why the customer asks for money back."""


class ExceptionCode(CodeFields):
    """A standard departure from policy; without owner and playbook it would be noise."""

    owner = models.CharField(max_length=80, help_text="The team that answers for this code.")
    playbook = models.TextField(help_text="What to do when this code occurs.")
    sla_hours = models.PositiveIntegerField()
    when_to_use = models.TextField(blank=True, default="")
    when_not_to_use = models.TextField(blank=True, default="")
    evidence_kinds = ArrayField(models.CharField(max_length=32), default=list, blank=True)

    class Meta(CodeFields.Meta):
        constraints = [
            models.CheckConstraint(name="exception_code_has_an_owner", condition=~Q(owner="")),
            models.CheckConstraint(name="exception_code_has_a_playbook", condition=~Q(playbook="")),
        ]
