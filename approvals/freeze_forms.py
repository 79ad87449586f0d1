"""What people type to freeze something, and to lift a freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.people import Team, User, team_ids_of
from config.kernel.wording import said

from .services.freezes import LONGEST_REASON, SHORTEST_REASON, Target
from .vocabulary import Category, FreezeScope

if TYPE_CHECKING:
    from django.forms import ModelChoiceField


class ReasonForm(forms.Form):
    """Why, in words somebody can read a year later."""

    why = forms.CharField(
        label=said("Why"),
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Everybody whose work it stops reads this."),
    )


class FreezeForm(ReasonForm):
    """What to freeze; only the field of the chosen scope counts."""

    scope = forms.ChoiceField(label=said("What to freeze"), choices=FreezeScope.choices)
    agent = forms.ModelChoiceField(
        label=said("Person"),
        queryset=User.objects.none(),
        required=False,
        help_text=said("A colleague or a program: what it entered, and what it does."),
    )
    team = forms.ModelChoiceField(label=said("Team"), queryset=Team.objects.none(), required=False)
    category = forms.ChoiceField(label=said("Category"), choices=[("", "---------"), *Category.choices], required=False)
    field_order = ["scope", "agent", "team", "category", "why"]

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        """Offer the teams of the viewer."""
        super().__init__(*args, **kwargs)
        agents: ModelChoiceField[User] = self.fields["agent"]  # type: ignore[assignment]
        teams: ModelChoiceField[Team] = self.fields["team"]  # type: ignore[assignment]
        agents.queryset = User.objects.filter(is_active=True).order_by("username")
        teams.queryset = Team.objects.filter(pk__in=team_ids_of(viewer)).order_by("name")

    @property
    def target(self) -> Target:
        """What was chosen, without what another scope left behind."""
        answers = self.cleaned_data
        scope = answers["scope"]
        return Target(
            scope=scope,
            agent=answers["agent"] if scope == FreezeScope.AGENT else None,
            team=answers["team"] if scope == FreezeScope.TEAM else None,
            category=answers["category"] if scope == FreezeScope.CATEGORY else "",
        )
