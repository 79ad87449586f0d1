"""Which part of finance's record this person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from config.kernel.people import Team, team_ids_of
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
    """Select lines, without those that are known to be another team's; for pages, which read some."""
    if not viewer.has_perm("refunds.view_statement"):
        return StatementLine.objects.none()
    is_ours = Q(operation__refund_request__team_id__in=team_ids_of(viewer))
    # Worked out for each line that is read: two EXISTS are answered by putting all matches there ever were together.
    told = (
        Match.objects.filter(line=OuterRef("pk"))
        .order_by()
        .values("line")
        .annotate(is_ours=BoolOr(ExpressionWrapper(is_ours, output_field=BooleanField())))
        .values("is_ours")
    )
    return StatementLine.objects.filter(Coalesce(Subquery(told), Value(True)))


def all_lines_visible_to(viewer: User) -> QuerySet[StatementLine]:
    """Select the same lines for sums over all of them: what is matched is put together once.

    Whoever works for every team sees every line, whatever it is matched with.
    """
    if not viewer.has_perm("refunds.view_statement"):
        return StatementLine.objects.none()
    teams = team_ids_of(viewer)
    if not Team.objects.exclude(pk__in=teams).exists():
        return StatementLine.objects.all()
    matches = Match.objects.filter(line=OuterRef("pk"))
    ours = matches.filter(operation__refund_request__team_id__in=teams)
    return StatementLine.objects.filter(~Exists(matches) | Exists(ours))
