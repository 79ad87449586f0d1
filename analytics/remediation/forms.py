"""Read what people typed about items; a form never saves."""

from __future__ import annotations

from typing import Any

from django import forms

from config.kernel.spoken import SpokenForm
from config.kernel.wording import said
from evidence.vocabulary import EvidenceKind
from policies.vocabulary import CodeKind

from .saying import LONGEST, LONGEST_LINK, LONGEST_VERSION
from .selectors import ALL, MINE, NOBODY, OVERDUE, codes_to_open
from .vocabulary import Colour, ItemState

_ROWS = {"rows": 3}


class BoardFilter(forms.Form):
    """Which items to list."""

    state = forms.ChoiceField(
        label=said("State"),
        required=False,
        choices=[("", said("Not closed")), (OVERDUE, said("Overdue")), *ItemState.choices, (ALL, said("All"))],
    )
    colour = forms.ChoiceField(label=said("Colour"), required=False, choices=[("", said("Any")), *Colour.choices])
    owner = forms.ChoiceField(
        label=said("Owner"),
        required=False,
        choices=[("", said("Anybody")), (MINE, said("I own it")), (NOBODY, said("Nobody owns it"))],
    )
    code_kind = forms.ChoiceField(required=False, label=said("Kind"), choices=[("", said("Any")), *CodeKind.choices])

    @property
    def wanted(self) -> dict[str, str]:
        """What was chosen; what nobody can choose counts for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OpenForm(SpokenForm):
    """Which code, and what somebody saw."""

    code = forms.ChoiceField(label=said("Code"))
    why = forms.CharField(
        label=said("What you saw"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=said("One or two sentences. No names of customers."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the codes in use."""
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", said("Choose one")), *codes_to_open()]  # type: ignore[attr-defined]


class CauseForm(SpokenForm):
    """Why it happens."""

    hypothesis = forms.CharField(
        label=said("Why it happens"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=said("What you believe, and what would show that you are wrong."),
    )


class ChangeForm(SpokenForm):
    """What was changed, and where it is written."""

    change = forms.CharField(label=said("What was changed"), max_length=LONGEST, widget=forms.Textarea(attrs=_ROWS))
    sop_link = forms.CharField(
        label=said("Procedure"), required=False, max_length=LONGEST_LINK, help_text=said("The web address of its page.")
    )
    sop_version = forms.CharField(label=said("Version of the procedure"), required=False, max_length=LONGEST_VERSION)


class CloseForm(SpokenForm):
    """What was achieved, and where it can be seen."""

    note = forms.CharField(label=said("What was achieved"), max_length=LONGEST, widget=forms.Textarea(attrs=_ROWS))
    evidence_link = forms.CharField(
        label=said("Where it can be seen"),
        required=False,
        max_length=LONGEST_LINK,
        help_text=said("A web address, or add a file below first."),
    )


class WhyForm(SpokenForm):
    """Why not, or why again."""

    why = forms.CharField(label=said("Why"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class NoteForm(SpokenForm):
    """Something said about an item."""

    text = forms.CharField(label=said("Say something"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class ProofForm(SpokenForm):
    """A file that proves something about an item."""

    kind = forms.ChoiceField(label=said("Kind"), choices=EvidenceKind.choices, initial=EvidenceKind.OTHER)
    file = forms.FileField(label=said("File"))
