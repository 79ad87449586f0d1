"""A demand of the evidence map as a form."""

from __future__ import annotations

from typing import Any

from django import forms

from approvals.vocabulary import Category
from config.kernel.money import known_currency
from config.kernel.refusals import Refused
from config.kernel.typed import read_amount, typed_amount
from config.kernel.wording import said, told, why_no_amount
from evidence.models import EvidenceRequirement
from evidence.points import POINTS
from evidence.requirements import Demand
from evidence.vocabulary import Artifact, DecisionPoint
from policies.models import ExceptionCode
from policies.offered_codes import offered_reasons
from policies.vocabulary import CodeState
from refunds.vocabulary import Method

from .cataloguing import check_demand

ALWAYS = ("", "any")
_NEEDABLE = {artifact for point in POINTS.values() for artifact in point.may_need}


class RequirementForm(forms.ModelForm[EvidenceRequirement]):
    """What must be there, where, for what, and why; a change says why it is made."""

    point = forms.ChoiceField(
        label=said("Decision point"),
        choices=[(point.value, point.label) for point in DecisionPoint if POINTS[point].may_need],
    )
    artifact = forms.ChoiceField(
        label=said("Artifact"),
        choices=[(artifact.value, artifact.label) for artifact in Artifact if artifact in _NEEDABLE],
    )
    category = forms.ChoiceField(label=said("Category"), choices=[ALWAYS, *Category.choices], required=False)
    reason = forms.ChoiceField(label=said("Reason"), required=False)
    exception_code = forms.ChoiceField(label=said("Exception code"), required=False)
    method = forms.ChoiceField(label=said("Payout method"), choices=[ALWAYS, *Method.choices], required=False)
    above = forms.CharField(
        label=said("Above"),
        max_length=30,
        required=False,
        help_text=said("In whole units of the currency, such as 100; empty for any amount."),
    )
    because = forms.CharField(
        label=said("Why you change it"), max_length=400, required=False, help_text=said("It stays in the ledger.")
    )

    class Meta:
        model = EvidenceRequirement
        fields = ["point", "artifact", "team", "category", "reason", "exception_code", "method", "currency"]
        fields += ["is_active", "why", "owner"]
        help_texts = {
            "team": said("Without a team it holds in every team."),
            "currency": said("Of the amount, such as GBP."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the codes in use, and beside them those this demand names already."""
        super().__init__(*args, **kwargs)
        if "reason" not in self.fields:
            return
        reasons = [(code.pk, f"{code.label} ({code.pk})") for code in offered_reasons()]
        codes = ExceptionCode.objects.filter(state=CodeState.ACTIVE).order_by("pk")
        self._offer("reason", reasons, self.instance.reason)
        self._offer(
            "exception_code", [(code.pk, f"{code.pk}, {code.label}") for code in codes], self.instance.exception_code
        )
        above = self.instance.above
        if above is not None:
            self.initial["above"] = typed_amount(above)

    def _offer(self, name: str, choices: list[tuple[str, str]], standing: str) -> None:
        is_gone = standing and standing not in dict(choices)
        kept = [(standing, said("{code} (not in use any more)", code=standing))] if is_gone else []
        field: Any = self.fields[name]
        field.choices = [ALWAYS, *choices, *kept]

    @property
    def demand(self) -> Demand:
        """What was typed, for the command."""
        typed = self.cleaned_data
        words = ("point", "artifact", "category", "reason", "exception_code", "method", "currency", "why", "owner")
        team = typed.get("team")
        return Demand(
            **{name: typed.get(name) or "" for name in words},
            team_id=None if team is None else team.pk,
            above_minor=typed.get("above_minor"),
            is_active=bool(typed.get("is_active")),
        )

    def clean(self) -> dict[str, Any]:
        """Read the amount, then let the command name what it would refuse."""
        typed: dict[str, Any] = super().clean() or {}
        typed["currency"] = str(typed.get("currency") or "").upper()
        above = typed.get("above", "").strip()
        if above and known_currency(typed["currency"]):
            try:
                typed["above_minor"] = read_amount(above, typed["currency"])
            except ValueError as problem:
                self.add_error("above", told(why_no_amount(problem)))
        elif above:
            self.add_error("currency", told(said("Enter the ISO 4217 currency of the amount, such as GBP.")))
        if not self.errors:
            self._ask_the_command()
        return typed

    def _ask_the_command(self) -> None:
        is_known = not self.instance._state.adding  # noqa: SLF001 - Django's own mark of a row that is stored
        try:
            check_demand(self.demand, self.instance_as_stored() if is_known else None)
        except Refused as refused:
            for reason in refused.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, told(reason.detail))
        if is_known and self.has_changed() and not self.cleaned_data.get("because", "").strip():
            self.add_error("because", told(said("Say why you change it.")))

    def instance_as_stored(self) -> EvidenceRequirement:
        """Read the demand as it stands; the form writes what was typed onto its own copy later."""
        return EvidenceRequirement.objects.get(pk=self.instance.pk)
