"""Who sees items, who works on them, who agrees to close them. A code is every team's, so its items are too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analytics.models import RemediationItem
from analytics.models.remediation_life import CONFIRMS, WORKS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

__all__ = ["CONFIRMS", "OPENS", "OVERSEES", "REOPENS", "SEES", "WORKS", "items_visible_to"]

SEES: Final = "analytics.view_remediationitem"
OPENS: Final = "analytics.add_remediationitem"
REOPENS: Final = "analytics.reopen_remediationitem"
OVERSEES: Final = "analytics.oversee_remediationitem"


def items_visible_to(viewer: User) -> QuerySet[RemediationItem]:
    """Select the items a person may see: all of them, or none."""
    return RemediationItem.objects.all() if viewer.has_perm(SEES) else RemediationItem.objects.none()
