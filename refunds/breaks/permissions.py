"""Which breaks this person may see, and who may say what about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from config.kernel.people import team_ids_of
from refunds.models import Break

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

SEES: Final = "refunds.view_break"
RESOLVES: Final = "refunds.resolve_break"


def breaks_visible_to(viewer: User) -> QuerySet[Break]:
    """Select breaks without those that are known to be another team's; an account itself serves every team."""
    if not viewer.has_perm(SEES):
        return Break.objects.none()
    return Break.objects.filter(Q(team__isnull=True) | Q(team_id__in=team_ids_of(viewer)))
