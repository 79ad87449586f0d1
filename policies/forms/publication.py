"""When a version comes into force, and what its reader found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from config.kernel.wording import said, told
from policies.emergencies import SHORTEST_NOTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.kernel.people import Team
    from config.kernel.refusals import Refused


class RefusableForm(forms.Form):
    """Takes the reasons of a command at its fields."""

    def add_refusal(self, refusal: Refused) -> None:
        """Put each reason at its field, or above all of them."""
        for reason in refusal.reasons:
            self.add_error(reason.field if reason.field in self.fields else None, told(reason.detail))


class PublicationForm(RefusableForm):
    """Asks for the moment, on the clock of the policy's team."""

    publish_at = forms.CharField(
        label=said("Put in force at"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, team: Team, data: Mapping[str, Any] | None = None) -> None:
        """Ask on this team's clock."""
        super().__init__(data, use_required_attribute=False)
        self._zone = team.time_zone
        self.fields["publish_at"].help_text = said(
            "Leave it empty to publish now. The time is that of {zone}.", zone=team.time_zone
        )

    def clean_publish_at(self) -> datetime | None:
        """Read the moment; an hour that the clocks skip or repeat is none.

        :raises ValidationError: naming what was typed
        """
        typed = self.cleaned_data["publish_at"]
        if not typed:
            return None
        try:
            on_the_clock = datetime.fromisoformat(typed)
        except ValueError:
            raise ValidationError(
                told(said("“{typed}” is no date and time such as 2026-12-01T09:00.", typed=typed))
            ) from None
        if on_the_clock.tzinfo is not None:
            raise ValidationError(told(said("Name the time without a zone.")))
        return self._moment(on_the_clock)

    def _moment(self, on_the_clock: datetime) -> datetime:
        zone = ZoneInfo(self._zone)
        first, second = (on_the_clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            return first
        says = f"{on_the_clock:%H:%M} on {on_the_clock:%-d %B %Y}"
        try:
            exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == on_the_clock
        except OverflowError:
            exists = False
        no = said(
            "{moment} does not exist, because the clocks go forward in {zone}. Name a time an hour earlier or later.",
            moment=says,
            zone=self._zone,
        )
        if exists:
            no = said(
                "{moment} comes twice, because the clocks go back in {zone}. Name a time an hour earlier or later.",
                moment=says,
                zone=self._zone,
            )
        raise ValidationError(told(no))


class EmergencyReviewForm(RefusableForm):
    """Asks what the reader of an emergency change found."""

    note = forms.CharField(
        label=said("What you found"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("At least {least} characters. It stays with the version.", least=SHORTEST_NOTE),
    )
