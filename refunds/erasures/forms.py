"""What people type on the erasures page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import Refused
from config.kernel.wording import said
from refunds.permissions import visible_to
from refunds.vocabulary import ErasureBasis

from .holding import LONGEST, Held
from .identity import find_person

if TYPE_CHECKING:
    from config.kernel.people import User


WHATS = {"customer": said("customer"), "request": said("request"), "team": said("team")}
"""What can be held, inside a sentence."""


class WhoForm(forms.Form):
    """Which customer is meant."""

    customer = forms.CharField(
        label=said("Customer"), max_length=254, help_text=said("The shop's customer number, or the e-mail address.")
    )
    channel = forms.SlugField(
        label=said("Channel"), required=False, help_text=said("Only where the same number is in several channels.")
    )


class AskForm(WhoForm):
    """Whom to forget, and on what ground."""

    customer = forms.CharField(max_length=254, widget=forms.HiddenInput)
    channel = forms.SlugField(required=False, widget=forms.HiddenInput)
    basis = forms.ChoiceField(label=said("Basis"), choices=ErasureBasis.choices)


class HoldForm(forms.Form):
    """What to keep, and why."""

    over = forms.ChoiceField(
        label=said("Over"),
        choices=[("customer", said("A customer")), ("request", said("A request")), ("team", said("A team"))],
    )
    which = forms.CharField(
        label=said("Which"),
        max_length=254,
        help_text=said("Customer number or e-mail address, reference of the request, or short name of the team."),
    )
    matter = forms.CharField(
        label=said("Matter"), max_length=LONGEST, help_text=said("The file number of the matter, and why; no names.")
    )

    def held_for(self, viewer: User) -> Held:
        """Find what is to be held.

        :raises Refused: when there is no such thing in this person's reach
        """
        data: dict[str, Any] = self.cleaned_data
        words = data["which"].strip()
        if data["over"] == "customer":
            try:
                return Held(customer_id=find_person(viewer, words).named.pk)
            except Refused as no:
                raise Refused(no.code, no.detail, "which") from no
        if data["over"] == "request":
            found = visible_to(viewer).filter(reference__iexact=words).first()
            if found is not None:
                return Held(request_id=found.pk)
        team = Team.objects.filter(slug=words, pk__in=team_ids_of(viewer)).first()
        if data["over"] == "team" and team is not None:
            return Held(team_id=team.pk)
        raise Refused(
            "unknown", said("There is no {what} “{words}” of yours.", what=WHATS[data["over"]], words=words), "which"
        )


class LiftForm(forms.Form):
    """Why a hold is lifted."""

    why = forms.CharField(label=said("Why"), max_length=LONGEST)
