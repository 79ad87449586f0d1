"""Working hours and holidays of the teams, set through their command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import PortalAdmin, person_of
from config.kernel.wording import said, told

from .models import Holiday, TeamCalendar
from .services.calendars import DAYS, Wanted, set_calendar

if TYPE_CHECKING:
    from django.http import HttpRequest

WEEKDAYS = list(enumerate(DAYS, start=1))


class CalendarForm(forms.ModelForm[TeamCalendar]):
    """Working days as boxes to tick, hours as two times of a day."""

    weekdays = forms.TypedMultipleChoiceField(
        label=said("Working days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = TeamCalendar
        fields = ["team", "weekdays", "opens_at", "closes_at", "lapses_after_days"]
        help_texts = {
            "team": said(
                "Hours are those on the wall in its time zone. Without a calendar a team works day and night."
            ),
            "lapses_after_days": said("Calendar days after which a route that nobody finished ends; empty for never."),
        }

    def clean(self) -> dict[str, Any] | None:
        """Want an end after the beginning before the database does."""
        answers = super().clean() or {}
        opens_at, closes_at = answers.get("opens_at"), answers.get("closes_at")
        if opens_at is not None and closes_at is not None and opens_at >= closes_at:
            self.add_error("closes_at", told(said("Work ends after it begins, on the same day.")))
        if answers.get("lapses_after_days") == 0:
            self.add_error("lapses_after_days", told(said("Leave it empty, or give at least a day.")))
        return answers


class HolidayRows(admin.TabularInline[Holiday, TeamCalendar]):
    """The days on which the team does not work."""

    model = Holiday
    extra = 3
    ordering = ["on"]


@admin.register(TeamCalendar)
class TeamCalendarAdmin(PortalAdmin[TeamCalendar]):
    """When each team works: promises count only these hours."""

    form = CalendarForm
    inlines = [HolidayRows]
    list_display = ["team", "zone", "days", "opens_at", "closes_at", "lapses_after_days"]
    list_select_related = ["team"]
    ordering = ["team__name"]

    def get_readonly_fields(self, request: HttpRequest, obj: TeamCalendar | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep whose calendar it is."""
        return [] if obj is None else ["team"]

    def save_model(self, request: HttpRequest, obj: TeamCalendar, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Wait for the holidays: hours and holidays are one command."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's
        """Set it all through the command, which moves open promises and records it."""
        rows = [row.cleaned_data for formset in formsets for row in formset.forms]
        holidays = {row["on"]: row["name"] for row in rows if row.get("on") and not row.get("DELETE")}
        calendar: TeamCalendar = form.instance
        kept = set_calendar(
            team=calendar.team,
            wanted=Wanted(
                weekdays=tuple(calendar.weekdays),
                opens_at=calendar.opens_at,
                closes_at=calendar.closes_at,
                holidays=holidays,
                lapses_after_days=calendar.lapses_after_days,
            ),
            actor=person_of(request),
            at=timezone.now(),
        )
        calendar.pk = kept.pk
        for formset in formsets:
            # What Django's own history asks of rows it saved itself.
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    @admin.display(description=gettext_lazy("time zone"), ordering="team__time_zone")
    def zone(self, calendar: TeamCalendar) -> str:
        """Name the zone of the hours."""
        return calendar.team.time_zone

    @admin.display(description=gettext_lazy("working days"))
    def days(self, calendar: TeamCalendar) -> str:
        """Name the days."""
        return ", ".join(DAYS[day - 1] for day in calendar.weekdays)
