"""What an auditor says of the population she samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.money import known_currency
from config.kernel.people import Team, team_ids_of
from config.kernel.web import LARGEST_NUMBER, LAST_DAY
from config.kernel.wording import said, told
from policies.offered_codes import used_reasons
from refunds.vocabulary import State

from .populations import DATED_BY, LONGEST_SEED, MOST_SAMPLED, Population

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.kernel.people import User

ANY = ("", said("Any"))


class KnownCheckpointField(forms.IntegerField):
    """The number of a checkpoint that somebody holds; empty for none."""

    def __init__(self, **words: Any) -> None:
        """Bound it by its column."""
        super().__init__(required=False, min_value=1, max_value=LARGEST_NUMBER, **words)


class RequestBundleForm(forms.Form):
    """What goes into the bundle of one request."""

    has_files = forms.BooleanField(label=said("Has files"), required=False)
    known_checkpoint = KnownCheckpointField()


class PopulationForm(forms.Form):
    """Period, filters, sample; shown with what it counts before anything is built."""

    dated_by = forms.ChoiceField(label=said("Requests that were"), choices=list(DATED_BY.items()))
    from_on = forms.DateField(label=said("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until_on = forms.DateField(
        label=said("To"), help_text=said("Whole days, UTC."), widget=forms.DateInput(attrs={"type": "date"})
    )
    team = forms.ChoiceField(label=said("Team"), required=False)
    state = forms.ChoiceField(label=said("State"), required=False, choices=[ANY, *State.choices])
    currency = forms.CharField(label=said("Currency"), required=False, max_length=3, help_text=said("Such as GBP."))
    reason = forms.ChoiceField(label=said("Reason"), required=False)
    sample_size = forms.IntegerField(
        label=said("Sample size"),
        min_value=1,
        max_value=MOST_SAMPLED,
        initial=25,
        help_text=said("At most {most}.", most=MOST_SAMPLED),
    )
    seed = forms.CharField(
        label=said("Seed"),
        required=False,
        max_length=LONGEST_SEED,
        help_text=said("The same seed draws the same sample. One is made up when you give none."),
    )
    has_files = forms.BooleanField(required=False, label=said("With the files, not only their hashes"))
    known_checkpoint = KnownCheckpointField(
        label=said("Checkpoint you hold"),
        help_text=said("Its number; the bundle then proves that nothing under it was changed since."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, viewer: User) -> None:
        """Offer the teams and words of the viewer."""
        super().__init__(data)
        teams = Team.objects.filter(pk__in=team_ids_of(viewer)).order_by("name")
        words = {
            "team": [(team.slug, str(team)) for team in teams],
            "reason": [(reason.pk, str(reason)) for reason in used_reasons()],
        }
        for name, choices in words.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above; for the type checker
            field.choices = [ANY, *choices]

    def clean_currency(self) -> str:
        """Refuse what is no currency."""
        code = str(self.cleaned_data["currency"]).upper()
        if code and not known_currency(code):
            raise forms.ValidationError(told(said("There is no such currency.")))
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse days that no calendar can be reckoned with."""
        cleaned = dict(super().clean() or {})
        for name in ("from_on", "until_on"):
            if cleaned.get(name) is not None and not 2000 <= cleaned[name].year < LAST_DAY.year:  # noqa: PLR2004
                self.add_error(name, told(said("Nothing was requested in that year.")))
        return cleaned

    def population(self) -> Population:
        """Say which requests are meant."""
        return Population(
            **{name: self.cleaned_data[name] for name in Population.__dataclass_fields__ if name in self.fields}
        )
