"""What pages of evidence are asked."""

from __future__ import annotations

from django import forms


class OutboxFilter(forms.Form):
    """Which messages to list."""

    q = forms.CharField(label="Reference or recipient", required=False, max_length=100)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)
