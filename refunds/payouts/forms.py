"""The form that proposes another way to pay; it parses and never saves."""

from __future__ import annotations

from django import forms

from approvals.rationale import LONGEST_RATIONALE
from config.kernel.spoken import SpokenForm
from config.kernel.wording import said
from refunds.vocabulary import Method


class PayoutForm(SpokenForm):
    """How it is to be paid instead, to whose account, and why."""

    method = forms.ChoiceField(
        label=said("Pay it"),
        choices=[
            (Method.BANK_TRANSFER.value, said("by bank transfer")),
            (Method.STORE_CREDIT.value, said("as store credit")),
            (Method.ORIGINAL.value, said("the way it was paid, once more")),
        ],
    )
    account_holder = forms.CharField(
        label=said("Account holder"),
        required=False,
        max_length=70,
        help_text=said("For a bank transfer: the name the account is in."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    iban = forms.CharField(
        label=said("IBAN"),
        required=False,
        max_length=50,
        help_text=said("For a bank transfer. Kept sealed; afterwards only its last four characters are shown."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    rationale = forms.CharField(
        label=said("Rationale"),
        max_length=LONGEST_RATIONALE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Why this way, and how the customer said so. Kept in the approval record."),
    )
