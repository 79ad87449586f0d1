"""Which team a template is drafted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.people import Team, team_ids_of
from config.kernel.wording import said

from .publication import RefusableForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.kernel.people import User


class InstallForm(RefusableForm):
    """Offers the person's teams; one without a policy only to whoever may open policies."""

    team = forms.ModelChoiceField(queryset=Team.objects.none(), label=said("Draft it for"), empty_label=None)

    def __init__(self, person: User, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Offer the teams of this person."""
        super().__init__(data, use_required_attribute=False, **kwargs)
        teams = Team.objects.filter(pk__in=team_ids_of(person)).order_by("name")
        if not person.has_perm("policies.add_policy"):
            teams = teams.exclude(policy=None)
        field = self.fields["team"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = teams
