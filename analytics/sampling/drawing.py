"""Drawing a sample: from which decisions, how, by which seed; all of it recorded."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction

from analytics.models import Sample, SampledDecision
from approvals.guards import check_right
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import Reason, Refused
from config.kernel.web import LAST_DAY
from config.kernel.wording import said
from evidence import ledger
from refunds.models import RefundRequest

from .lots import drawn, fingerprint
from .permissions import DRAWS
from .populations import Decided, decisions_of, involved_in, read_decisions
from .vocabulary import Method, Population

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from config.kernel.people import User

LARGEST: Final = 500
LONGEST_DAYS: Final = 366
LONGEST_SEED: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants drawn: a team by its slug, days (UTC, both included), whose decisions, how, how many."""

    team: str
    from_on: date
    to_on: date
    population: str
    method: str
    size: int
    seed: str = ""


@transaction.atomic
def draw_sample(*, wanted: Wanted, actor: User, at: datetime) -> Sample:
    """Draw decisions of a team and period; without a seed one is made, and shown.

    :raises NotPermitted: without the right
    :raises Refused: `unknown_team`, `nothing_to_draw`, or what makes no sense, field by field
    """
    check_right(actor, DRAWS)
    team = Team.objects.filter(slug=wanted.team, pk__in=team_ids_of(actor)).first()
    if team is None:
        raise Refused("unknown_team", said("You work for no such team."), "team")
    _check(wanted)
    found = decisions_of(team, from_on=wanted.from_on, to_on=wanted.to_on, population=wanted.population)
    decided = read_decisions(found)
    if not decided:
        raise Refused("nothing_to_draw", said("Nothing was decided in these days."), "from_on")
    seed = wanted.seed or secrets.token_hex(8)
    chosen = chosen_of(decided, method=wanted.method, size=wanted.size, seed=seed)
    sample = Sample.objects.create(
        team=team,
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        population=wanted.population,
        method=wanted.method,
        size=wanted.size,
        seed=seed,
        query=str(found.values("pk").query),
        population_count=len(decided),
        population_sha256=fingerprint([one.id for one in decided]),
        strata=_strata(decided, chosen),
        drawn_by=actor,
        drawn_at=at,
    )
    _keep(sample, decided, chosen)
    ledger.record(
        subject=sample.subject,
        kind="quality_sample.drawn",
        actor=actor,
        at=at,
        sentence=f"drew {len(chosen)} of {len(decided)} decisions of {team}, {sample.get_method_display().lower()}.",
        data={
            "team": team.slug,
            "from": wanted.from_on.isoformat(),
            "to": wanted.to_on.isoformat(),
            "population": wanted.population,
            "method": wanted.method,
            "seed": seed,
            "population_sha256": sample.population_sha256,
            "drawn": [str(one) for one in chosen],
        },
    )
    return sample


def chosen_of(decided: Sequence[Decided], *, method: str, size: int, seed: str) -> list[UUID]:
    """Draw from what was read; only a sample by risk looks at the weights."""
    by_risk = method == Method.RISK
    return drawn([(one.id, one.weight if by_risk else 1) for one in decided], size=size, seed=seed)


def is_drawn_the_same(sample: Sample) -> bool:
    """Draw again from what the database answers now: the same decisions, in the same places?"""
    found = decisions_of(sample.team, from_on=sample.from_on, to_on=sample.to_on, population=sample.population)
    decided = read_decisions(found)
    again = chosen_of(decided, method=sample.method, size=sample.size, seed=sample.seed)
    kept = list(sample.decisions.order_by("place").values_list("refund_request_id", flat=True))
    return fingerprint([one.id for one in decided]) == sample.population_sha256 and again == kept


def _check(wanted: Wanted) -> None:
    days = (wanted.to_on - wanted.from_on).days
    wrong: dict[str, str | bool] = {
        "to_on": (days < 0 and said("The last day is not before the first."))
        or (days >= LONGEST_DAYS and said("At most {most} days at once.", most=LONGEST_DAYS)),
        "population": wanted.population not in Population.values and said("Choose whose decisions."),
        "method": wanted.method not in Method.values and said("Choose how they are drawn."),
        "size": not 1 <= wanted.size <= LARGEST and said("Draw 1 to {most} decisions.", most=LARGEST),
        "seed": len(wanted.seed) > LONGEST_SEED and said("A seed has at most {most} characters.", most=LONGEST_SEED),
    }
    reasons = [Reason("refused", sentence, field) for field, sentence in wrong.items() if isinstance(sentence, str)]
    if wanted.to_on > LAST_DAY:
        reasons.append(Reason("refused", said("This day is too far away."), "to_on"))
    if reasons:
        raise Refused.of(reasons)


def _strata(decided: Sequence[Decided], chosen: Sequence[UUID]) -> dict[str, dict[str, int]]:
    inside = set(chosen)
    whole = Counter(one.stratum for one in decided)
    part = Counter(one.stratum for one in decided if one.id in inside)
    return {name: {"decisions": whole[name], "drawn": part[name]} for name in sorted(whole)}


def _keep(sample: Sample, decided: Sequence[Decided], chosen: Sequence[UUID]) -> None:
    known = {one.id: one for one in decided}
    involved = involved_in(RefundRequest.objects.filter(pk__in=list(chosen)))
    SampledDecision.objects.bulk_create(
        SampledDecision(
            sample=sample,
            place=place,
            refund_request_id=one,
            stratum=known[one].stratum,
            weight=known[one].weight,
            outcome=known[one].outcome,
            involved=involved[one],
        )
        for place, one in enumerate(chosen, start=1)
    )
