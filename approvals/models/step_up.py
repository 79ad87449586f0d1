"""Above which amount somebody shows once more who she is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.money import Money


class StepUpLimit(models.Model):
    """Approving more than `above_minor` of a currency asks for a fresh sign-in; a currency not named always asks."""

    currency = models.CharField(max_length=3, unique=True)
    above_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="step_up_is_not_negative", condition=Q(above_minor__gte=0))]

    def __str__(self) -> str:
        return f"above {Money(self.above_minor, self.currency)}"
