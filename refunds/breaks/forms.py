"""Read what people typed about breaks; a form never saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from config.kernel.spoken import SpokenForm
from config.kernel.wording import said
from evidence.vocabulary import EvidenceKind

from .holding import LONGEST_NOTE
from .owning import LONGEST_COMMENT
from .vocabulary import BY_PEOPLE, BreakKind, BreakState

if TYPE_CHECKING:
    from collections.abc import Sequence


class BreakFilter(forms.Form):
    """Which breaks to list."""

    state = forms.ChoiceField(
        label=said("State"),
        required=False,
        choices=[
            ("", said("Not resolved")),
            ("overdue", said("Overdue")),
            (BreakState.PROPOSED.value, BreakState.PROPOSED.label),
            (BreakState.RESOLVED.value, BreakState.RESOLVED.label),
            ("all", said("All")),
        ],
    )
    kind = forms.ChoiceField(label=said("Kind"), required=False, choices=[("", said("Any")), *BreakKind.choices])
    owner = forms.ChoiceField(
        label=said("Owner"),
        required=False,
        choices=[("", said("Anybody")), ("mine", said("I look after it")), ("nobody", said("Nobody looks after it"))],
    )
    age = forms.ChoiceField(
        label=said("Age"),
        required=False,
        choices=[
            ("", said("Any")),
            ("week", said("Up to a week")),
            ("month", said("Up to a month")),
            ("older", said("Older")),
        ],
    )
    account = forms.ChoiceField(label=said("Account"), required=False)
    currency = forms.ChoiceField(label=said("Currency"), required=False)

    def __init__(self, data: object = None, *, accounts: Sequence[str], currencies: Sequence[str]) -> None:
        """Offer the accounts and currencies that have breaks."""
        super().__init__(data)  # type: ignore[arg-type]  # the query of a request
        self.fields["account"].choices = [("", said("Any")), *((one, one) for one in accounts)]  # type: ignore[attr-defined]
        self.fields["currency"].choices = [("", said("Any")), *((one, one) for one in currencies)]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, str]:
        """What was chosen; what nobody can choose counts for nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ResolveForm(SpokenForm):
    """What it was, and why."""

    resolution = forms.ChoiceField(
        label=said("What it was"),
        choices=[("", said("Choose one")), *((one.value, one.label) for one in BY_PEOPLE)],
    )
    note = forms.CharField(
        label=said("Why"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("What you found, and where it can be seen. No names of customers."),
    )


class WhyForm(SpokenForm):
    """Why not, or why again."""

    why = forms.CharField(label=said("Why"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class CommentForm(SpokenForm):
    """Something said about a break."""

    text = forms.CharField(
        label=said("Say something"), max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 2})
    )


class ProofForm(SpokenForm):
    """A file that proves what a break was."""

    kind = forms.ChoiceField(label=said("Kind"), choices=EvidenceKind.choices, initial=EvidenceKind.OTHER)
    file = forms.FileField(label=said("File"))
