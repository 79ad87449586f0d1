"""What is asked of policies on pages that are not about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .permissions import versions_visible_to
from .vocabulary import ChangeCategory

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

    from .models import PolicyVersion


@dataclass(frozen=True, slots=True)
class EmergencyToReview:
    """An emergency change in force that no third person has read yet."""

    version_id: UUID
    name: str
    due_at: datetime
    is_overdue: bool


def emergencies_to_review(viewer: User, at: datetime) -> list[EmergencyToReview]:
    """List the unread emergency changes of the viewer's teams, the most pressing first; one query.

    A change that was replaced meanwhile still needs its reader: it has judged cases.
    """
    if not viewer.has_perm("policies.view_policyversion"):
        return []
    unread = versions_visible_to(viewer).filter(
        change_category=ChangeCategory.EMERGENCY, review_due_at__isnull=False, reviewed_at__isnull=True
    )
    return [
        notice
        for version in unread.select_related("policy").defer("document").order_by("review_due_at", "pk")
        if (notice := emergency_of(version, at)) is not None
    ]


def emergency_of(version: PolicyVersion, at: datetime) -> EmergencyToReview | None:
    """Tell what is still owed to this version; nothing for most."""
    if version.review_due_at is None or version.reviewed_at is not None:
        return None
    return EmergencyToReview(version.pk, str(version), version.review_due_at, is_overdue=version.is_overdue(at))
