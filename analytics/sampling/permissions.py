"""Who sees samples, who draws them, who looks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analytics.models import Sample
from config.kernel.people import team_ids_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

SEES: Final = "analytics.view_sample"
DRAWS: Final = "analytics.add_sample"
REVIEWS: Final = "analytics.review_sample"


def samples_visible_to(viewer: User) -> QuerySet[Sample]:
    """Select the samples of the teams this person works for."""
    if not viewer.has_perm(SEES):
        return Sample.objects.none()
    return Sample.objects.filter(team_id__in=team_ids_of(viewer))
