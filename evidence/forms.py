"""What pages of evidence are asked."""

from __future__ import annotations

from django import forms

from config.kernel.wording import said


class EntryLookUp(forms.Form):
    """Which entry of the ledger to prove."""

    entry = forms.IntegerField(label=said("Number of the entry"), min_value=1, max_value=(1 << 63) - 1)


class OutboxFilter(forms.Form):
    """Which messages to list."""

    show = forms.ChoiceField(
        required=False, choices=[("review", "review"), ("failed", "failed")], widget=forms.HiddenInput
    )

    q = forms.CharField(label=said("Reference or recipient"), required=False, max_length=100)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


class MessageText(forms.Form):
    """What the customer reads, as a reviewer or its writer changes it; `seen` is the digest they started from."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    subject_line = forms.CharField(
        label=said("Subject"), required=False, widget=forms.TextInput(attrs={"maxlength": 200})
    )
    body = forms.CharField(
        label=said("Text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 14, "maxlength": 5000})
    )


class SendBack(forms.Form):
    """Why a message goes back to whoever wrote it."""

    note = forms.CharField(
        label=said("What is wrong"),
        required=False,
        help_text=said("10 characters or more; whoever rewrites it reads this."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
    )
