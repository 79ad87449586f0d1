"""What people type to give a goodwill credit; it parses and never saves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.money import Money, known_currency
from config.kernel.people import teams_of
from config.kernel.refusals import Reason, Refused
from config.kernel.spoken import SpokenForm
from config.kernel.typed import read_amount
from config.kernel.wording import said, told, why_no_amount
from policies.offered_codes import offered_reasons

from .crediting import CreditDraft
from .helpdesk.tickets import TicketName
from .intake import LONGEST_NOTE

if TYPE_CHECKING:
    from config.kernel.people import User

LONGEST_ID = 80


class GoodwillForm(SpokenForm):
    """Who gets how much and why: the customer of an order, or a customer by number."""

    order = forms.CharField(
        label=said("Order"),
        required=False,
        max_length=LONGEST_ID,
        help_text=said("The order it makes up for, if there is one."),
    )
    customer = forms.CharField(
        label=said("Customer"),
        required=False,
        max_length=LONGEST_ID,
        help_text=said("The shop's customer number; not needed with an order."),
    )
    channel = forms.SlugField(
        required=False,
        max_length=50,
        label=said("Shop"),
        help_text=said("Where the order or the customer is from: shop-uk."),
    )
    team = forms.ChoiceField(
        label=said("Team"), required=False, help_text=said("The team that gives it; with an order it is the order's.")
    )
    currency = forms.CharField(
        label=said("Currency"),
        max_length=3,
        widget=forms.TextInput(attrs={"size": 4, "autocomplete": "off", "autocapitalize": "characters"}),
    )
    amount = forms.CharField(
        label=said("Amount"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(label=said("Reason"), help_text=said("What went wrong for the customer."))
    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label=said("What the customer says"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Never a card number: it is refused and not kept."),
    )
    ticket = forms.CharField(required=False, max_length=LONGEST_ID + 31, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        """Offer the teams of whoever gives, and the reasons there are."""
        super().__init__(*args, **kwargs)
        teams, reasons = self.fields["team"], self.fields["reason"]
        if isinstance(teams, forms.ChoiceField) and isinstance(reasons, forms.ChoiceField):
            teams.choices = [("", said("Choose a team")), *((team.slug, team.name) for team in teams_of(viewer))]
            reasons.choices = [("", said("Choose a reason")), *((one.code, one.label) for one in offered_reasons())]

    def clean_currency(self) -> str:
        """Answer an ISO 4217 code in capitals."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if not known_currency(code):
            raise forms.ValidationError(told(said("There is no currency “{code}”.", code=code)))
        return code

    def clean(self) -> dict[str, Any]:
        """Read the amount, once its currency is known, and want to know who gets it."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("currency") and typed.get("amount"):
            try:
                typed["minor"] = read_amount(typed["amount"], typed["currency"])
            except ValueError as error:
                self.add_error("amount", told(why_no_amount(error)))
        if not typed.get("order") and not typed.get("customer") and "order" not in self.errors:
            self.add_error("order", told(said("Name the order or the customer.")))
        return typed

    def refuse(self, no: Refused) -> list[Reason]:
        """Put what is wrong with the minor units beside the amount as it was typed."""
        typed = {"amount_minor": "amount"}
        return super().refuse(
            Refused.of(replace(reason, field=typed.get(reason.field, reason.field)) for reason in no.reasons)
        )

    def draft(self) -> CreditDraft:
        """Put a valid form in the words of the command."""
        told = self.cleaned_data
        return CreditDraft(
            amount=Money(told["minor"], told["currency"]),
            order=told["order"],
            customer=told["customer"],
            team=told["team"],
            channel=told["channel"],
            reason=told["reason"],
            note=told["note"],
            ticket=TicketName.of(told["ticket"]),
        )
