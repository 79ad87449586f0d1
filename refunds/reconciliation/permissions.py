"""Which part of finance's record this person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from config.kernel.people import team_ids_of
from refunds.models import Match, Statement, StatementLine

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User


def statements_visible_to(viewer: User) -> QuerySet[Statement]:
    """Select statements; they belong to a processor's account, which serves every team."""
    if not viewer.has_perm("refunds.view_statement"):
        return Statement.objects.none()
    return Statement.objects.defer("content")


def lines_visible_to(viewer: User) -> QuerySet[StatementLine]:
    """Select lines, without those that are known to be another team's."""
    if not viewer.has_perm("refunds.view_statement"):
        return StatementLine.objects.none()
    matches = Match.objects.filter(line=OuterRef("pk"))
    ours = matches.filter(operation__refund_request__team_id__in=team_ids_of(viewer))
    return StatementLine.objects.filter(~Exists(matches) | Exists(ours))
