"""Standard codes; without owner and playbook an exception code would be noise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from policies.engine.amounts import spoken
from policies.engine.words import EvidenceKind
from policies.models import ExceptionCode, ReasonCode

EXCEPTION_WORD = RegexValidator(
    r"^[A-Z][A-Z0-9_]{1,39}$", "Use capitals, digits and underscores, such as WINDOW_EXPIRED."
)
REASON_WORD = RegexValidator(r"^[a-z][a-z0-9_]{1,39}$", "Use small letters and underscores, such as wrong_item.")


class ReasonCodeForm(forms.ModelForm[ReasonCode]):
    """Why a customer asks."""

    class Meta:
        model = ReasonCode
        fields = ["code", "label", "hint", "leakage_class", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for a code only once."""
        super().__init__(*args, **kwargs)
        _check_word(self.fields, REASON_WORD)


class ExceptionCodeForm(forms.ModelForm[ExceptionCode]):
    """Why we depart from policy, who answers for it, and what she does."""

    evidence_kinds = forms.MultipleChoiceField(
        choices=[(str(kind), spoken(kind).capitalize()) for kind in EvidenceKind],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Evidence needed",
    )

    class Meta:
        model = ExceptionCode
        fields = [
            "code",
            "label",
            "hint",
            "leakage_class",
            "owner",
            "playbook",
            "sla_hours",
            "when_to_use",
            "when_not_to_use",
            "evidence_kinds",
            "is_active",
        ]
        labels = {"sla_hours": "Promise in hours"}
        error_messages = {
            "owner": {"required": "Name the team that answers for this code."},
            "playbook": {"required": "Say what to do when this code occurs."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for a code only once."""
        super().__init__(*args, **kwargs)
        _check_word(self.fields, EXCEPTION_WORD)


def _check_word(fields: dict[str, forms.Field], validator: RegexValidator) -> None:
    # On a code that exists the field is shown, not asked.
    if "code" in fields:
        fields["code"].validators.append(validator)
