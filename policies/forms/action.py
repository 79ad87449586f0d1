"""What people say about a governed action: why they sign, and why money left without a decision."""

from __future__ import annotations

from django import forms

from approvals.rationale import LONGEST_RATIONALE
from approvals.vocabulary import Category
from config.kernel.wording import said
from policies.actions.explaining import LONGEST_NOTE, SHORTEST_NOTE
from policies.vocabulary import ActionState, Explanation

from .publication import RefusableForm


class SignForm(RefusableForm):
    """The rationale of a signature."""

    rationale = forms.CharField(
        required=False,
        max_length=LONGEST_RATIONALE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Required to decline. Kept in the approval record."),
        label=said("Rationale"),
    )


class ExplainForm(RefusableForm):
    """A code and a note."""

    code = forms.ChoiceField(
        label=said("Why it left without a decision"), choices=[("", said("Choose one")), *Explanation.choices]
    )
    note = forms.CharField(
        label=said("What you found"),
        min_length=SHORTEST_NOTE,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Who made it, on whose word, and what keeps it from happening again."),
    )


class ActionFilter(forms.Form):
    """Which actions to list."""

    state = forms.ChoiceField(required=False, choices=[("", said("Any")), *ActionState.choices], label=said("State"))
    category = forms.ChoiceField(required=False, choices=[("", said("Any")), *Category.choices], label=said("Category"))
    ungoverned = forms.ChoiceField(
        required=False,
        label=said("Decision"),
        choices=[("", said("With or without")), ("1", said("Left without one")), ("0", said("Asked about first"))],
    )
