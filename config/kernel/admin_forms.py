"""Forms of people and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import UserChangeForm
from django.utils.module_loading import import_string

from .money import known_currency
from .people import Team, User, team_ids_of
from .wording import said, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class PersonForm(UserChangeForm[User]):
    """A person with her roles and teams."""

    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple, label=said("Works for")
    )
    is_small_team = forms.BooleanField(
        required=False,
        label=said("Small team"),
        help_text=said("Gives roles that exclude each other all the same, because there is nobody else."),
    )
    compensating_review = forms.CharField(
        required=False,
        max_length=400,
        help_text=said(
            "For a small team: who looks at what this person did, how and how often. It goes into the ledger."
        ),
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
        labels = {"groups": said("Roles"), "is_service_account": said("Service account of a machine")}
        help_texts = {
            "groups": said("What they may do. How much they may sign for is an authority limit."),
            "is_staff": said("May open these pages."),
            "is_active": said("Untick instead of deleting: what somebody did stays hers."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tick the teams she works for."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["teams"] = list(team_ids_of(self.instance))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a machine that opens pages."""
        answers = super().clean()
        is_machine = self.cleaned_data.get("is_service_account", self.instance.is_service_account)
        if is_machine and self.cleaned_data.get("is_staff"):
            field = "is_service_account" if "is_service_account" in self.fields else "is_staff"
            self.add_error(field, told(said("A service account uses the API and opens no page.")))
        if "groups" in self.cleaned_data:
            self._check_roles({group.name for group in self.cleaned_data["groups"]})
        return answers

    @property
    def roles_before(self) -> set[str]:
        """Name the roles that were held when the page was opened."""
        return {group.name for group in self.initial.get("groups") or []}

    def _check_roles(self, roles: set[str]) -> None:
        """Refuse roles that exclude each other, unless somebody says who looks after that."""
        conflicts = [] if roles == self.roles_before else role_conflicts(roles)
        is_small_team = bool(self.cleaned_data.get("is_small_team"))
        if conflicts and not is_small_team:
            for sentence in conflicts:
                self.add_error("groups", sentence)
        elif conflicts and not self.cleaned_data.get("compensating_review", "").strip():
            self.add_error(
                "compensating_review", told(said("Say who looks at what this person did, how and how often."))
            )


def role_conflicts(roles: Iterable[str]) -> list[str]:
    """Say why these roles exclude each other, one sentence a pair: the rule is named by the setting ROLE_CONFLICTS."""
    return cast("Callable[[Iterable[str]], list[str]]", import_string(settings.ROLE_CONFLICTS))(roles)


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
            raise forms.ValidationError(told(said("Enter an ISO 4217 currency such as GBP.")))
        return code
