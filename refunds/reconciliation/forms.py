"""The upload of a statement."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from config.kernel.wording import joined, said
from refunds.vocabulary import ACCOUNTS

from .formats.registry import formats
from .readers import BANK, suffixes


class StatementForm(forms.Form):
    """Which file, what it is read as, and what the bank says it should add up to."""

    account = forms.ChoiceField(
        label=said("Account"),
        choices=[("", said("As the file says")), *ACCOUNTS],
        required=False,
        help_text=said("Whose lines these are."),
    )
    file = forms.FileField(
        label=said("File"),
        help_text=said(
            "Up to 20 MB, of {makers}, or of a bank: camt.053, MT940, BAI2 or OFX.",
            makers=joined([label for account, label in ACCOUNTS if account != BANK], ", "),
        ),
        allow_empty_file=True,
    )
    format = forms.ChoiceField(
        label=said("Format"),
        required=False,
        help_text=said("Choose only if the file is taken for something that it is not."),
    )
    payout_total = forms.CharField(
        label=said("Payout at the bank"),
        help_text=said(
            "As the bank shows it, such as {amount}. The lines must add up to it.", amount=Decimal("1092.15")
        ),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the formats and file names that there are now."""
        super().__init__(*args, **kwargs)
        self.fields["format"] = forms.ChoiceField(
            label=said("Format"),
            required=False,
            choices=[("", said("Recognise it")), *((one.name, one.label) for one in formats())],
            help_text=said("Choose only if the file is taken for something that it is not."),
        )
        self.fields["file"].widget = forms.FileInput(attrs={"accept": ",".join(suffixes())})
