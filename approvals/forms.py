"""A limit as people type it: amounts in whole units of its currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms

from config.kernel.money import Money, known_currency
from config.kernel.people import User
from config.kernel.refusals import Refused
from config.kernel.typed import read_amount, typed_amount
from config.kernel.wording import said, told, why_no_amount

from .guards import WHY_LENGTH, Scope, check_can_be
from .models import AuthorityLimit, StepUpLimit
from .role_names import role_name
from .roles import ROLES
from .vocabulary import Category

AMOUNTS = {"single": "single_minor", "daily": "daily_minor"}


class LimitForm(forms.ModelForm[AuthorityLimit]):
    """What a limit shall be, and why. On a limit that exists only the amounts are asked."""

    role = forms.ChoiceField(
        choices=[("", "---------"), *[(role, role_name(role)) for role in sorted(ROLES)]],
        required=False,
        help_text=said("Everybody with this role; a limit of a person goes before it."),
        label=said("Role"),
    )
    category = forms.ChoiceField(choices=Category.choices, label=said("Category"))
    single = forms.CharField(
        label=said("For one request"),
        max_length=30,
        help_text=said("In whole units of the currency, such as {whole} or {part}.", whole=500, part=Decimal("499.99")),
    )
    daily = forms.CharField(label=said("In one day"), max_length=30)
    why = forms.CharField(
        max_length=WHY_LENGTH, help_text=said("Whoever confirms reads this; it stays in the record."), label=said("Why")
    )

    class Meta:
        model = AuthorityLimit
        fields = ["user", "role", "team", "category", "currency"]
        labels = {"user": said("Person"), "team": said("Team"), "currency": said("Currency")}
        help_texts = {"team": said("Without a team it holds in every team.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the amounts as people type them."""
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            people = cast("forms.ModelChoiceField[User]", self.fields["user"])
            people.queryset = User.objects.filter(is_active=True, is_service_account=False).order_by("username")
        if self.instance.pk is not None:
            for name, column in AMOUNTS.items():
                self.initial[name] = typed_amount(Money(getattr(self.instance, column), self.instance.currency))

    def clean(self) -> dict[str, Any] | None:
        """Read the amounts in the currency of the limit, and check who it names."""
        answers = super().clean()
        currency = str(self.cleaned_data.get("currency") or self.instance.currency).upper()
        if not known_currency(currency):
            self.add_error("currency", told(said("Enter an ISO 4217 currency such as GBP.")))
            return answers
        if "currency" in self.fields:
            self.cleaned_data["currency"] = currency
        for name, column in AMOUNTS.items():
            self._read(name, column, currency)
        if not self.errors:
            self._ask_the_command(currency)
        return answers

    def _ask_the_command(self, currency: str) -> None:
        """Let the command that will set the limit name what it would refuse."""
        limit, asked = self.instance, self.cleaned_data
        scope = Scope(
            user=asked.get("user", limit.user),
            role=asked.get("role", limit.role),
            category=asked.get("category", limit.category),
            currency=currency,
        )
        try:
            check_can_be(scope, limit.single_minor, limit.daily_minor)
        except Refused as refused:
            for reason in refused.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, told(reason.detail))

    def _read(self, name: str, column: str, currency: str) -> None:
        """Parse one amount onto the limit."""
        if name not in self.cleaned_data:
            return
        try:
            setattr(self.instance, column, read_amount(self.cleaned_data[name], currency))
        except ValueError as problem:
            self.add_error(name, told(why_no_amount(problem)))


class WithdrawalForm(forms.Form):
    """Why a limit shall be withdrawn."""

    why = forms.CharField(
        max_length=WHY_LENGTH, help_text=said("Whoever confirms reads this; it stays in the record."), label=said("Why")
    )


class StepUpForm(forms.ModelForm[StepUpLimit]):
    """Above which amount of a currency a fresh sign-in is asked for."""

    above = forms.CharField(
        max_length=30,
        help_text=said("In whole units of the currency; approving more asks for a fresh sign-in."),
        label=said("Above"),
    )

    class Meta:
        model = StepUpLimit
        fields = ["currency"]
        labels = {"currency": said("Currency")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the amount as people type it."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["above"] = typed_amount(Money(self.instance.above_minor, self.instance.currency))

    def clean(self) -> dict[str, Any] | None:
        """Read the amount in its currency."""
        answers = super().clean()
        currency = str(self.cleaned_data.get("currency") or self.instance.currency).upper()
        if not known_currency(currency):
            self.add_error(
                "currency" if "currency" in self.fields else None, told(said("Enter an ISO 4217 currency such as GBP."))
            )
        elif "above" in self.cleaned_data:
            self._read(currency)
        return answers

    def _read(self, currency: str) -> None:
        if "currency" in self.fields:
            self.cleaned_data["currency"] = currency
        try:
            above_minor = read_amount(self.cleaned_data["above"], currency)
        except ValueError as problem:
            self.add_error("above", told(why_no_amount(problem)))
            return
        if above_minor < 0:
            self.add_error("above", told(said("An amount is not negative.")))
        self.instance.above_minor = above_minor
