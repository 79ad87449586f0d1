"""Forms of people and teams."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import UserChangeForm

from .money import known_currency
from .people import Team, User, team_ids_of


class PersonForm(UserChangeForm[User]):
    """A person with her roles and teams."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple, label="Works for"
    )

    class Meta:
        model = User
        fields = [
            "username",
            "first_name",
            "last_name",
            "email",
            "groups",
            "is_active",
            "is_staff",
            "is_service_account",
            "is_superuser",
        ]
        widgets = {"groups": forms.CheckboxSelectMultiple}
        labels = {"groups": "Roles", "is_service_account": "Service account of a machine"}
        help_texts = {
            "groups": "What they may do. How much they may sign for is an authority limit.",
            "is_staff": "May open these pages.",
            "is_active": "Untick instead of deleting: what somebody did stays hers.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tick the teams she works for."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["teams"] = list(team_ids_of(self.instance))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a machine that opens pages."""
        answers = super().clean()
        if self.cleaned_data.get("is_service_account") and self.cleaned_data.get("is_staff"):
            self.add_error("is_service_account", "A service account uses the API and opens no page.")
        return answers


class TeamForm(forms.ModelForm[Team]):
    """A team with its currency and clock."""

    time_zone = forms.ChoiceField(
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())], initial="Europe/London"
    )

    class Meta:
        model = Team
        fields = ["name", "slug", "currency", "time_zone"]

    def clean_currency(self) -> str:
        """Read the code in capitals.

        :raises ValidationError: for what is no currency
        """
        code = str(self.cleaned_data["currency"]).upper()
        if not known_currency(code):
            raise forms.ValidationError("Enter an ISO 4217 currency such as GBP.")
        return code
