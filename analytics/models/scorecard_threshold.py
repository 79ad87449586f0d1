"""Where amber and red begin for one measure of the scorecards."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from analytics.scorecards.vocabulary import Measured
from config.kernel.wording import said


class ScorecardThreshold(models.Model):
    """The thresholds of one measure as somebody set them; each change and its reason on the ledger.

    Shares are in hundredths of a percent, times in seconds. A measure without a row goes by the standard. What was
    published keeps the thresholds it was held to.
    """

    measure = models.CharField(max_length=16, choices=Measured, unique=True)
    amber = models.PositiveIntegerField(help_text=said("Amber begins here. Shares: 500 is 5 %. Times: 86400 is a day."))
    red = models.PositiveIntegerField(help_text=said("Red begins here. Where more is better, red lies below amber."))
    why = models.CharField(max_length=300, help_text=said("Why the thresholds are what they are now."))

    class Meta:
        constraints = [
            models.CheckConstraint(name="threshold_measure_is_known", condition=Q(measure__in=Measured.values)),
            models.CheckConstraint(name="amber_and_red_differ", condition=~Q(amber=F("red"))),
            models.CheckConstraint(name="threshold_says_why", condition=~Q(why="")),
        ]

    def __str__(self) -> str:
        return f"Thresholds of “{Measured(self.measure).label}”"
