"""The upload of past refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from config.kernel.wording import said, told

if TYPE_CHECKING:
    from config.kernel.refusals import Refused


class BaselineForm(forms.Form):
    """Which file."""

    file = forms.FileField(
        label=said("File"),
        allow_empty_file=True,
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def add_refusal(self, refusal: Refused) -> None:
        """Show every fault of the file."""
        for reason in refusal.reasons:
            self.add_error("file", told(reason.detail))
