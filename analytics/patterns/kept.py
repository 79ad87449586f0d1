"""What the standing readings say, narrowed to what a viewer may see."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef

from analytics.models import PatternMark, PatternReading, PatternSignal
from config.kernel.people import Team, team_ids_of
from config.kernel.wording import said
from policies.models import ExceptionCode, ReasonCode
from policies.vocabulary import CodeKind
from refunds.models import RefundRequest

from .figures import people_in
from .naming import Names
from .vocabulary import SignalState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

BILLIONTH = 1e-9
SEES = "analytics.view_insight"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signals somebody wants to see: of a team by its slug, in a state; empty for all."""

    team: str = ""
    state: str = ""


def readings_of(viewer: User, wanted: Wanted) -> QuerySet[PatternReading]:
    """Select the standing readings of the viewer's teams, by the name of the team."""
    found = PatternReading.objects.filter(is_standing=True, team__in=_teams(viewer)).select_related("team")
    if wanted.team:
        found = found.filter(team__slug=wanted.team)
    return found.order_by("team__name", "pk")


def signals_of(viewer: User, wanted: Wanted, *, pattern: str = "") -> QuerySet[PatternSignal]:
    """Select what stands: facts first, then from the least to the most likely to be chance.

    One that goes through several teams is for whoever works for all of them.
    """
    mark = PatternMark.objects.filter(standing_id=OuterRef("standing_id"))
    found = PatternSignal.objects.filter(reading__is_standing=True, team_ids__contained_by=_teams(viewer))
    found = found.annotate(is_looked_into=Exists(mark)).select_related("reading__team")
    if wanted.team:
        teams = Team.objects.filter(slug=wanted.team).values_list("pk", flat=True)
        found = found.filter(team_ids__overlap=list(teams))
    if pattern:
        found = found.filter(pattern=pattern)
    if wanted.state:
        found = found.filter(is_looked_into=wanted.state == SignalState.LOOKED_INTO)
    return found.order_by(F("p_value").asc(nulls_first=True), "pattern", "key", "standing_id")


def one_signal(viewer: User, standing_id: UUID | None, *, pattern: str = "") -> PatternSignal | None:
    """Find a standing signal this viewer may see."""
    if standing_id is None:
        return None
    return signals_of(viewer, Wanted(), pattern=pattern).filter(standing_id=standing_id).first()


def counts_of(viewer: User, wanted: Wanted) -> dict[str, int]:
    """Count the signals of each kind."""
    rows = signals_of(viewer, wanted).order_by().values_list("pattern").annotate(count=Count("pk"))
    return dict(rows)


def names_for(viewer: User) -> Names:
    """Prepare the words for everybody a viewer's signals and drawings are about, the same on every page."""
    told = signals_of(viewer, Wanted()).values_list("people", flat=True)
    shown: set[int] = set()
    for plots in readings_of(viewer, Wanted()).values_list("plots", flat=True):
        shown |= people_in(plots)
    return Names(viewer, [*(person for people in told for person in people), *sorted(shown)])


def marks_on(signals: Iterable[PatternSignal]) -> Mapping[UUID, PatternMark]:
    """Find the newest look into each of these signals."""
    ids = [signal.standing_id for signal in signals]
    marks = PatternMark.objects.filter(standing_id__in=ids).select_related("made_by", "item")
    return {mark.standing_id: mark for mark in marks.order_by("made_at", "pk")}


def codes_in(signal: PatternSignal) -> Sequence[tuple[str, str]]:
    """List the codes that the requests of a signal carry, as `kind:code` with what it says, exceptions first."""
    requests = RefundRequest.objects.filter(pk__in=signal.request_ids).order_by()
    granted = ExceptionCode.objects.filter(pk__in=requests.exclude(exception_code="").values("exception_code"))
    reasons = ReasonCode.objects.filter(pk__in=requests.exclude(reason=None).values("reason"))
    return [
        *((f"{CodeKind.EXCEPTION}:{one.code}", one.label) for one in granted.order_by("code")),
        *((f"{CodeKind.REASON}:{one.code}", one.label) for one in reasons.order_by("code")),
    ]


def odds(p_value: float | None) -> str:
    """Say how often chance alone would do as much."""
    if p_value is None:
        return said("no chance is involved")
    if p_value < BILLIONTH:
        return said("less than 1 in a billion")
    return said("1 in {number}", number=Decimal(_rounded(1 / p_value)))


def _rounded(value: float) -> int:
    """Keep two digits: the rest would promise too much."""
    places = max(len(str(int(value))) - 2, 0)
    return int(round(value, -places))


def _teams(viewer: User) -> list[int]:
    """List the teams whose requests a viewer may count."""
    return sorted(team_ids_of(viewer)) if viewer.has_perm(SEES) else []
