"""The upload of a statement."""

from __future__ import annotations

from django import forms

ACCOUNTS = (("stripe", "Stripe"),)
"""The accounts whose reports can be read."""


class StatementForm(forms.Form):
    """Which account, which file, and what the bank says it should add up to."""

    account = forms.ChoiceField(choices=ACCOUNTS)
    file = forms.FileField(
        label="Payout report",
        help_text="Stripe's payout reconciliation report as CSV, up to 20 MB.",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    payout_total = forms.CharField(
        label="Payout at the bank",
        help_text="As the bank shows it, such as 1,092.15. The lines must add up to it.",
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}),
    )
