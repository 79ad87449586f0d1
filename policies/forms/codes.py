"""A standard code as a form: its columns asked by name, its faults those of every other door."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said, told
from policies.cataloguing import CodeWords
from policies.code_faults import code_faults
from policies.engine.amounts import spoken
from policies.engine.words import EvidenceKind
from policies.models import ExceptionCode, ReasonCode
from policies.vocabulary import CodeKind, CodeState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.models import AnyCode

ONE_PERCENT_BASIS_POINTS = 100
_LONG = {"rows": 3}

FIELDS = [
    "code",
    "label",
    "hint",
    "owner",
    "playbook",
    "sla_hours",
    "when_to_use",
    "when_not_to_use",
    "evidence_kinds",
    "leakage_class",
]


class CodeForm(forms.ModelForm[Any]):
    """Why a customer asks, or why we depart from policy: who answers for it, and what she does."""

    evidence_kinds = forms.MultipleChoiceField(
        choices=[(str(kind), spoken(kind).capitalize()) for kind in EvidenceKind],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=said("Evidence needed"),
    )
    most_share_percent = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        localize=True,
        label=said("At most this share of all uses, in percent"),
        help_text=said("Empty for no cap. Above it the catalogue shows the code in red."),
    )

    kind: CodeKind

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show a cap in percent."""
        super().__init__(*args, **kwargs)
        share = self.instance.most_share_basis_points
        if share is not None and "most_share_percent" in self.fields:
            self.fields["most_share_percent"].initial = Decimal(share) / ONE_PERCENT_BASIS_POINTS

    @property
    def words(self) -> CodeWords:
        """What was typed, for the command."""
        typed: Mapping[str, Any] = self.cleaned_data
        share = typed.get("most_share_percent")
        texts = ("label", "hint", "owner", "playbook", "when_to_use", "when_not_to_use", "leakage_class")
        return CodeWords(
            **{name: typed.get(name, "") for name in texts},
            sla_hours=typed.get("sla_hours") or 0,
            evidence_kinds=tuple(typed.get("evidence_kinds", ())),
            most_share_basis_points=None if share is None else int(share * ONE_PERCENT_BASIS_POINTS),
        )

    def clean(self) -> dict[str, Any]:
        """Ask the command what is wrong with it."""
        answers: dict[str, Any] = super().clean() or self.cleaned_data
        code = str(answers.get("code") or self.instance.pk or "")
        for fault in code_faults(self.kind, code, asdict(self.words)):
            field = "most_share_percent" if fault.field == "most_share_basis_points" else fault.field
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, told(fault.detail))
        return answers


_LABELS = {"sla_hours": "Promise in hours"}
_ASKED_FOR = {
    "owner": {"required": "Name the team that answers for this code."},
    "playbook": {"required": "Say what to do when this code occurs."},
}
_WIDGETS = {
    "playbook": forms.Textarea(attrs=_LONG),
    "when_to_use": forms.Textarea(attrs=_LONG),
    "when_not_to_use": forms.Textarea(attrs=_LONG),
}


class ReasonCodeForm(CodeForm):
    """Why a customer asks."""

    kind = CodeKind.REASON

    class Meta:
        model = ReasonCode
        fields = FIELDS
        labels = _LABELS
        error_messages = _ASKED_FOR
        widgets = _WIDGETS


class ExceptionCodeForm(CodeForm):
    """Why we depart from policy."""

    kind = CodeKind.EXCEPTION

    class Meta:
        model = ExceptionCode
        fields = FIELDS
        labels = _LABELS
        error_messages = _ASKED_FOR
        widgets = _WIDGETS


class MergeForm(forms.Form):
    """Which code is used instead."""

    into = forms.ChoiceField(label=said("Use instead, of the active codes"))

    def __init__(self, code: AnyCode, data: Mapping[str, Any] | None = None) -> None:
        """Offer the active codes beside this one."""
        super().__init__(data, use_required_attribute=False)
        heirs = type(code).objects.filter(state=CodeState.ACTIVE).exclude(pk=code.pk).order_by("code")
        offered = self.fields["into"]
        if isinstance(offered, forms.ChoiceField):
            offered.choices = [("", "Choose a code"), *((heir.code, str(heir)) for heir in heirs)]
