"""Read what people typed about signals; a form never saves."""

from __future__ import annotations

from django import forms

from analytics.remediation.saying import LONGEST
from config.kernel.spoken import SpokenForm
from config.kernel.wording import said

from .vocabulary import Answer


class LookForm(SpokenForm):
    """What somebody found who looked into a signal."""

    answer = forms.ChoiceField(label=said("What did you find?"), choices=Answer.choices, widget=forms.RadioSelect)
    code = forms.CharField(label=said("Which code is to be fixed?"), required=False, max_length=80)
    note = forms.CharField(
        label=said("What you found"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("In a sentence, without a customer's name."),
    )
