"""The upload of a statement."""

from __future__ import annotations

from django import forms

from .readers import ACCOUNTS


class StatementForm(forms.Form):
    """Which account, which file, and what the bank says it should add up to."""

    account = forms.ChoiceField(choices=ACCOUNTS)
    file = forms.FileField(
        label="File",
        help_text="Stripe's payout reconciliation report as CSV, or a bank's statement as camt.053, up to 20 MB.",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xml,text/csv,application/xml"}),
    )
    payout_total = forms.CharField(
        label="Payout at the bank",
        help_text="As the bank shows it, such as 1,092.15. The lines must add up to it.",
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}),
    )
