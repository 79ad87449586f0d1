"""A draft of a text as a form."""

from __future__ import annotations

from typing import Any

from django import forms

from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence.models import MessageTemplate
from evidence.vocabulary import Event

from .text import LONGEST_BODY, refuse_faults, tidied


class EditionForm(forms.ModelForm[MessageTemplate]):
    """What the customer reads, and why it changes; a field that cannot be filled is named beside its text."""

    body = forms.CharField(
        label=said("Text"), max_length=LONGEST_BODY, strip=False, widget=forms.Textarea(attrs={"rows": 14, "cols": 80})
    )
    subject_line = forms.CharField(label=said("Subject"), max_length=150, widget=forms.TextInput(attrs={"size": 80}))
    what = forms.CharField(
        label=said("What changes, and why"),
        max_length=400,
        required=False,
        help_text=said("Whoever publishes it reads this."),
        widget=forms.TextInput(attrs={"size": 80}),
    )

    class Meta:
        model = MessageTemplate
        fields = ["subject_line", "body", "what"]

    def clean(self) -> dict[str, Any]:
        """Let the text be checked as the command will check it."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                refuse_faults(Event(self.instance.event), *tidied(typed["subject_line"], typed["body"]))
            except Refused as refused:
                for reason in refused.reasons:
                    self.add_error(reason.field if reason.field in self.fields else None, reason.detail)
        return typed
