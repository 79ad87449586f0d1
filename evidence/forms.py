"""What pages of evidence are asked."""

from __future__ import annotations

from django import forms


class EntryLookUp(forms.Form):
    """Which entry of the ledger to prove."""

    entry = forms.IntegerField(label="Number of the entry", min_value=1, max_value=(1 << 63) - 1)


class OutboxFilter(forms.Form):
    """Which messages to list."""

    q = forms.CharField(label="Reference or recipient", required=False, max_length=100)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)
