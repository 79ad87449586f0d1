"""When a team works: promises count only these hours."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from config.kernel.people import Team
from config.kernel.wording import said


def monday_to_friday() -> list[int]:
    """Name the usual working days as ISO weekdays, Monday 1 to Sunday 7."""
    return [1, 2, 3, 4, 5]


class TeamCalendar(models.Model):
    """The working hours of a team in its own time zone. A team without a calendar works round the clock.

    `lapses_after_days` ends a route that nobody finished so many calendar days after it was opened; never without it.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="calendar")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=monday_to_friday, help_text=said("ISO weekdays, Monday is 1.")
    )
    opens_at = models.TimeField(default="09:00")
    closes_at = models.TimeField(default="17:30")
    lapses_after_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="calendar_opens_before_it_closes", condition=Q(opens_at__lt=F("closes_at"))),
            models.CheckConstraint(name="calendar_has_a_working_day", condition=Q(weekdays__len__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A day on which a team does not work."""

    calendar = models.ForeignKey(TeamCalendar, on_delete=models.CASCADE, related_name="holidays")
    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(name="one_holiday_a_day", fields=["calendar", "on"])]

    def __str__(self) -> str:
        return f"{self.name}, {self.on}"
