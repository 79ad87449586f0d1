"""Forgetting what people wrote about a subject when they signed; who signed for how much stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .models import ApprovalDecision, ApprovalRoute

if TYPE_CHECKING:
    from config.kernel.subjects import Subject


def erase_words(*, subject: Subject) -> None:
    """Blank the rationales of a subject. The database lets it happen once `erasure.carried_out` is on record."""
    routes = ApprovalRoute.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    ApprovalDecision.objects.filter(route__in=routes).exclude(rationale="").update(rationale="")


def erase_name(*, subject: Subject, left: str) -> None:
    """Put what is left of a customer, an id, in place of the name on the routes of a subject."""
    ApprovalRoute.objects.filter(subject_kind=subject.kind, subject_id=subject.id).update(customer=left)
