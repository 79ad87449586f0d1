"""Read what people typed about samples; a form never saves."""

from __future__ import annotations

from typing import Any

from django import forms

from analytics.remediation.saying import LONGEST
from config.kernel.spoken import SpokenForm
from config.kernel.wording import said

from .drawing import LARGEST, LONGEST_SEED
from .vocabulary import Answer, Finding, Method, Population


class DrawForm(SpokenForm):
    """From what, how, and how many."""

    team = forms.ChoiceField()
    from_on = forms.DateField(
        label=said("Decided from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=said("to"),
        help_text=said("Whole days, UTC."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    population = forms.ChoiceField(label=said("Whose decisions"), choices=Population.choices)
    method = forms.ChoiceField(label=said("How"), choices=Method.choices)
    size = forms.IntegerField(label=said("How many"), min_value=1, max_value=LARGEST, initial=20)
    seed = forms.CharField(
        required=False,
        max_length=LONGEST_SEED,
        help_text=said("Any word; the same one draws the same. Empty makes one."),
    )

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the teams of the person."""
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = teams  # type: ignore[attr-defined]


class LookForm(SpokenForm):
    """One's own answer."""

    answer = forms.ChoiceField(
        label=said("What would you have decided?"), choices=Answer.choices, widget=forms.RadioSelect
    )
    rationale = forms.CharField(
        label=said("Why"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("In a sentence."),
    )


class FindingForm(SpokenForm):
    """What the comparison brought."""

    finding = forms.ChoiceField(label=said("What it brought"), choices=[("", said("Choose one")), *Finding.choices])
    correction = forms.CharField(
        label=said("What has to be put right"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    opens_item = forms.BooleanField(label=said("Open a remediation item for its code"), required=False)
