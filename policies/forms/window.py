"""A window of whole days on a team's own calendar."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms

from config.kernel.web import LAST_DAY
from config.kernel.wording import said, told

if TYPE_CHECKING:
    from config.kernel.refusals import Refused

USUAL_DAYS: Final = 90
FIELDS: Final = {"from": "from_on", "to": "until_on"}


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Name a day.", "invalid": "This is not a day such as 2026-01-31."},
    )


class WindowForm(forms.Form):
    """Both days belong to the window; untouched it holds the last ninety."""

    from_on = _day("From")
    until_on = _day("Until")

    def __init__(self, time_zone: str, at: datetime, data: Any = None) -> None:
        """Read days on the calendar of this zone."""
        self.zone = ZoneInfo(time_zone)
        today = at.astimezone(self.zone).date()
        usual = {"from_on": today - timedelta(days=USUAL_DAYS - 1), "until_on": today}
        super().__init__(data, initial=usual)

    @property
    def from_at(self) -> datetime:
        """The first moment of the window."""
        return datetime.combine(self.cleaned_data["from_on"], time.min, self.zone)

    @property
    def until_at(self) -> datetime:
        """The first moment after the window."""
        return datetime.combine(self.cleaned_data["until_on"] + timedelta(days=1), time.min, self.zone)

    def clean_until_on(self) -> Any:
        """Refuse the end of the calendar, after which no day can be reckoned."""
        day = self.cleaned_data["until_on"]
        if day > LAST_DAY:
            raise forms.ValidationError(told(said("This is not a day such as 2026-01-31.")))
        return day

    def add_refusal(self, refusal: Refused) -> None:
        """Show what the command refused beside the day it is about."""
        for reason in refusal.reasons:
            self.add_error(FIELDS.get(reason.field), told(reason.detail))
