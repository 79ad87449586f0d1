"""Service accounts as administrators type them: amounts in whole units of their currency, tokens with their scopes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from config.kernel.money import Money, known_currency
from config.kernel.people import Team, User, team_ids_of
from config.kernel.scopes import every_scope
from config.kernel.service_accounts import AskingLimit, ServiceAccount
from config.kernel.typed import read_amount, typed_amount
from config.kernel.wording import said, told, why_no_amount

from .services.freezes import LONGEST_REASON, SHORTEST_REASON
from .services.tokens import LONGEST_NAME, MOST_DAYS, MOST_OVERLAP

AMOUNTS = {"single": "single_minor", "daily": "daily_minor"}
USUAL_DAYS = 90
OVERLAPS = (
    (0, said("At once")),
    (1, said("In an hour")),
    (24, said("In a day")),
    (24 * 7, said("In a week")),
    (24 * 14, said("In two weeks")),
)


def _people() -> Any:
    return User.objects.filter(is_active=True, is_service_account=False).order_by("username")


class ServiceAccountForm(forms.ModelForm[ServiceAccount]):
    """What a service account is for, who answers for it, and how fast it may be."""

    username = forms.RegexField(
        r"^[\w.@+-]{1,150}$",
        required=False,
        help_text=said("A new name, or that of a service account nothing is agreed about yet."),
        label=said("Username"),
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"), widget=forms.CheckboxSelectMultiple, label=said("Files for"), required=False
    )

    class Meta:
        model = ServiceAccount
        fields = ["purpose", "owner", "calls_per_minute", "asks_per_hour"]
        help_texts = {"owner": said("The person who answers for it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tick its teams."""
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            cast("forms.ModelChoiceField[User]", self.fields["owner"]).queryset = _people()
        if not self.instance._state.adding:  # noqa: SLF001 - Django's own name for it; the id is there from the start
            self.initial["teams"] = list(team_ids_of(self.instance.user))

    def clean(self) -> dict[str, Any] | None:
        """Want a name for a new one that nobody bears."""
        answers = super().clean()
        if not self.instance._state.adding:  # noqa: SLF001 - as above
            return answers
        name = self.cleaned_data.get("username", "")
        bearer = User.objects.filter(username=name).first()
        if not name:
            self.add_error("username", told(said("Name it.")))
        elif bearer is not None and not bearer.is_service_account:
            self.add_error("username", told(said("This is the name of a person.")))
        elif bearer is not None and ServiceAccount.objects.filter(user=bearer).exists():
            self.add_error("username", told(said("This one has its account already.")))
        return answers


class AskingLimitForm(forms.ModelForm[AskingLimit]):
    """How much it may ask for in one currency."""

    single = forms.CharField(label=said("At once"), max_length=30)
    daily = forms.CharField(label=said("Within 24 hours"), max_length=30)

    class Meta:
        model = AskingLimit
        fields = ["currency"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the amounts as people type them."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for name, column in AMOUNTS.items():
                self.initial[name] = typed_amount(Money(getattr(self.instance, column), self.instance.currency))

    def clean_currency(self) -> str:
        """Read the code in capitals.

        :raises ValidationError: for what is no currency
        """
        code = str(self.cleaned_data["currency"]).upper()
        if not known_currency(code):
            raise ValidationError(told(said("Enter an ISO 4217 currency such as GBP.")))
        return code

    def clean(self) -> dict[str, Any] | None:
        """Read the amounts in that currency, the day's no smaller than one request's."""
        answers = super().clean()
        currency = self.cleaned_data.get("currency")
        if currency is None:
            return answers
        for name, column in AMOUNTS.items():
            try:
                setattr(self.instance, column, read_amount(self.cleaned_data.get(name, ""), currency))
            except ValueError as problem:
                self.add_error(name, told(why_no_amount(problem)))
        if not self.errors and not 0 < self.instance.single_minor <= self.instance.daily_minor:
            self.add_error("daily", told(said("At least as much as at once, and more than nothing.")))
        return answers


class IssueForm(forms.Form):
    """What a token is for, and what it opens."""

    name = forms.CharField(
        max_length=LONGEST_NAME, label=said("Used by"), help_text=said("Such as “helpdesk, production”.")
    )
    scopes = forms.MultipleChoiceField(
        choices=lambda: [(one, one) for one in every_scope()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=said("None ticked: everything the account may do. Writing includes reading."),
        label=said("Scopes"),
    )
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS, label=said("Good for, in days"))


class RotateForm(forms.Form):
    """When the token that is replaced ends."""

    overlap = forms.TypedChoiceField(choices=OVERLAPS, coerce=int, initial=24, label=said("The old one ends"))

    def clean_overlap(self) -> timedelta:
        """Read the hours."""
        return min(timedelta(hours=self.cleaned_data["overlap"]), MOST_OVERLAP)


class WhyForm(forms.Form):
    """A reason for the record."""

    why = forms.CharField(
        label=said("Why"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
