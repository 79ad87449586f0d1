"""What administrators type about webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from config.kernel.people import Team, User, team_ids_of
from config.kernel.wording import said, told
from refunds.models import WebhookEndpoint

from .endpoints import Wish, faults_of
from .rotating import LONGEST_OVERLAP_HOURS
from .vocabulary import Event, Shape


class EndpointForm(forms.ModelForm[WebhookEndpoint]):
    """Where it is, what it hears, and of whom."""

    actor: User

    shape = forms.ChoiceField(choices=Shape.choices, label=said("Told as"), initial=Shape.JSON, required=False)
    url = forms.CharField(
        label=said("Address"),
        max_length=500,
        help_text=said(
            "https://… at a public host; for e-mail mailto:desk@example.com. That of a chat is kept sealed."
        ),
    )
    events = forms.MultipleChoiceField(
        label=said("Events"),
        choices=[(event.value, said("{event}: {meaning}", event=event.value, meaning=event.label)) for event in Event],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=said(
            "Without a tick it hears all, and those that will be added; people hear those written for them."
        ),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["shape", "url", "description", "team", "events"]
        help_texts = {
            "team": said("Without a team it hears of every team."),
            "description": said("What listens there."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the teams of whoever types."""
        super().__init__(*args, **kwargs)
        if "team" in self.fields:
            teams: Any = self.fields["team"]
            teams.queryset = Team.objects.filter(pk__in=team_ids_of(self.actor)).order_by("name")

    @property
    def kept_url(self) -> str:
        """What stands there of the address, read before anything typed is put on the row."""
        return str(self.initial.get("url", ""))

    @property
    def wish(self) -> Wish:
        """What was typed, for the command."""
        typed = self.cleaned_data
        team = typed.get("team")
        return Wish(
            url=typed.get("url", ""),
            shape=typed.get("shape") or self.instance.shape,
            description=typed.get("description", ""),
            events=typed.get("events", []),
            team_id=None if team is None else team.pk,
        )

    def clean(self) -> dict[str, Any]:
        """Let the command name what it would refuse."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for fault in faults_of(self.wish, actor=self.actor, shown=self.kept_url):
                self.add_error(fault.field if fault.field in self.fields else None, told(fault.detail))
        return typed


class ResendForm(forms.Form):
    """From when on what failed is sent again, on the clock of whoever asks."""

    since = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the zone."""
        super().__init__(*args, **kwargs)
        self.fields["since"].label = said("Since ({zone})", zone=timezone.get_current_timezone_name())


class RotateForm(forms.Form):
    """How long the old secret signs beside the new one."""

    overlap_hours = forms.IntegerField(
        label=said("Hours in which both sign"), min_value=0, max_value=LONGEST_OVERLAP_HOURS, initial=24
    )


class DisableForm(forms.Form):
    """Why nothing is sent any more."""

    because = forms.CharField(label=said("Why"), max_length=200)
