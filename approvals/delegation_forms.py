"""A delegation and an absence as people type them; amounts in whole units of their currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.kernel.money import Money
from config.kernel.people import Team, User, team_ids_of
from config.kernel.typed import read_amount
from config.kernel.wording import told, why_no_amount

from .authority import limits_of
from .delegation_lists import may_hold_for
from .delegation_rules import LONGEST_WHY, Offer
from .services.absences import LONGEST_NOTE
from .vocabulary import Category

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.refusals import Refused

TYPED = "%Y-%m-%dT%H:%M"


class MinuteField(forms.DateTimeField):
    """A moment to the minute in the reader's zone, picked with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what the control sends, and what people type where there is none."""
        widget = forms.DateTimeInput(format=TYPED, attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=[TYPED, "%Y-%m-%d %H:%M"], **kwargs)


class TimesForm(forms.Form):
    """Two moments, with the zone they are read in said beside them."""

    from_at = MinuteField(label=_("From"))
    until_at = MinuteField(label=_("Until"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, at: datetime, prefix: str) -> None:
        """Begin now unless told otherwise."""
        initial = {"from_at": at.replace(second=0, microsecond=0)}
        super().__init__(data, auto_id=f"id_{prefix}_%s", initial=initial)
        zone = timezone.get_current_timezone_name()
        self.fields["from_at"].help_text = _("Times are in %(zone)s.") % {"zone": zone}
        self.fields["until_at"].help_text = _("It ends at this minute.")

    def take(self, refused: Refused) -> None:
        """Hang each reason of a refusal on its field."""
        for reason in refused.reasons:
            name = self.names_of_fields.get(reason.field, reason.field)
            self.add_error(name if name in self.fields else None, told(reason.detail))

    names_of_fields: dict[str, str] = {}


class OfferForm(TimesForm):
    """Whom one lends to, when, where, for what and up to how much."""

    names_of_fields = {"single_minor": "ceiling"}

    to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        to_field_name="username",
        label=pgettext_lazy("addressee", "To"),
        empty_label=_("Choose a colleague"),
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.none(),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Teams"),
        help_text=_("None ticked: every team you both work for."),
    )
    categories = forms.MultipleChoiceField(
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("For"),
        help_text=_("None ticked: everything you sign for."),
    )
    ceiling = forms.CharField(
        required=False,
        max_length=30,
        label=_("Up to, for one request"),
        help_text=_("At most your own limit. Left empty, your limit and theirs both bind."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(required=False, label=_("Currency of that amount"))
    why = forms.CharField(
        required=False, max_length=LONGEST_WHY, label=_("Why"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    field_order = ["to", "from_at", "until_at", "ceiling", "currency", "teams", "categories", "why"]

    def __init__(self, data: Mapping[str, Any] | None = None, *, lender: User, at: datetime) -> None:
        """Offer the colleagues, teams and currencies of the lender."""
        super().__init__(data, at=at, prefix="offer")
        cast("forms.ModelChoiceField[User]", self.fields["to"]).queryset = may_hold_for(lender)
        teams = cast("forms.ModelMultipleChoiceField[Team]", self.fields["teams"])
        teams.queryset = Team.objects.filter(pk__in=team_ids_of(lender)).order_by("name")
        currencies = sorted({limit.currency for limit in limits_of(lender)})
        cast("forms.ChoiceField", self.fields["currency"]).choices = [
            ("", "---"),
            *((code, code) for code in currencies),
        ]

    def clean(self) -> dict[str, Any] | None:
        """Read the ceiling in its currency."""
        answers = super().clean()
        text, currency = self.cleaned_data.get("ceiling", ""), self.cleaned_data.get("currency", "")
        self.cleaned_data["ceiling"] = None
        if text and not currency:
            self.add_error("currency", _("Say in which currency."))
        elif text:
            try:
                self.cleaned_data["ceiling"] = Money(read_amount(text, currency), currency)
            except ValueError as problem:
                self.add_error("ceiling", told(why_no_amount(problem)))
        return answers

    @property
    def offer(self) -> Offer:
        """What was typed, in the words of the command."""
        said = self.cleaned_data
        return Offer(
            lent_to=said["to"],
            from_at=said["from_at"],
            until_at=said["until_at"],
            teams=tuple(said["teams"]),
            categories=tuple(said["categories"]),
            ceiling=said["ceiling"],
            why=said["why"],
        )


class AbsenceForm(TimesForm):
    """When somebody is away."""

    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label=_("Note"),
        help_text=_("Seen by you and by administrators."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    user = forms.ModelChoiceField(queryset=User.objects.none(), to_field_name="username", label=_("Who"))

    field_order = ["user", "from_at", "until_at", "note"]

    def __init__(self, data: Mapping[str, Any] | None = None, *, viewer: User, at: datetime) -> None:
        """Ask who is away only those who may enter it for others."""
        super().__init__(data, at=at, prefix="absence")
        if viewer.has_perm("approvals.add_absence"):
            people = User.objects.filter(is_active=True, is_service_account=False)
            cast("forms.ModelChoiceField[User]", self.fields["user"]).queryset = people.order_by(
                "first_name", "last_name", "username"
            )
        else:
            del self.fields["user"]
