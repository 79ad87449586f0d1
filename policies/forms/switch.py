"""Why a category should be switched, and why it was or was not."""

from __future__ import annotations

from django import forms

from config.kernel.wording import said

from .publication import RefusableForm


class ProposeModeForm(RefusableForm):
    """Asks for the reason."""

    why = forms.CharField(
        label=said("Why"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Whoever confirms it reads this first."),
    )


class ConfirmModeForm(RefusableForm):
    """Takes a word with the confirmation."""

    answer = forms.CharField(
        label=said("Your answer"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("It may stay empty."),
    )


class RefuseModeForm(RefusableForm):
    """Asks for the reason of a no."""

    answer = forms.CharField(
        label=said("Why not"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Whoever proposed it reads this."),
    )
