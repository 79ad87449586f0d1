"""Which freezes somebody may know of, and what each of them stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from django.db.models import Count, Q, Sum

from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.wording import said

from .freezing import switches_on
from .models import FreezeStop, FreezeSwitch
from .vocabulary import FreezeScope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

SEES = "approvals.view_freezeswitch"
SHOWN = 10

VERBS = {
    "file": said("not taken down"),
    "submit": said("not submitted"),
    "grant_exception": said("exceptions not granted"),
    "approve": said("not approved"),
    "start_processing": said("approved, held back from the gateway"),
}
"""What was stopped, by the verb that was spoken."""


@dataclass(frozen=True, slots=True)
class VerbSum:
    """How much of one currency one verb did not move."""

    words: str
    count: int
    amount: Money


@dataclass(slots=True)
class Stopped:
    """What one switch stopped, as far as the viewer may see it; sums never across currencies."""

    sums: list[VerbSum] = field(default_factory=list)
    latest: list[FreezeStop] = field(default_factory=list)
    count: int = 0


def stops_everything(switch_id: UUID) -> bool:
    """Tell whether this switch stops everything now, as the one after a restore does: lifting it is no small thing."""
    on = FreezeSwitch.objects.filter(scope=FreezeScope.EVERYTHING, lifted_at__isnull=True)
    return on.filter(pk=switch_id).exists()


def visible_to(viewer: User) -> QuerySet[FreezeSwitch]:
    """Select the switches this person may know of: those of other teams are not hers to see."""
    if not viewer.has_perm(SEES):
        return FreezeSwitch.objects.none()
    seen = ~Q(scope=FreezeScope.TEAM) | Q(team__in=team_ids_of(viewer))
    return FreezeSwitch.objects.filter(seen).select_related("set_by", "agent", "team", "lifted_by")


def standing_for(viewer: User) -> list[FreezeSwitch]:
    """List every switch that is on, for a screen of this viewer's; asked once for each loaded person."""
    known = cast("list[FreezeSwitch] | None", viewer.__dict__.get("_freezes"))
    if known is None:
        known = list(switches_on())
        viewer.__dict__["_freezes"] = known
    return known


def freezes_over(person: User) -> list[FreezeSwitch]:
    """List what stops this person's work right now: everything, a team of hers, or herself."""
    return [
        switch
        for switch in standing_for(person)
        if switch.scope == FreezeScope.EVERYTHING
        or (switch.scope == FreezeScope.TEAM and switch.team_id in team_ids_of(person))
        or (switch.scope == FreezeScope.AGENT and switch.agent_id == person.pk)
    ]


def stopped_by(switches: Sequence[FreezeSwitch], viewer: User) -> dict[UUID, Stopped]:
    """Tell for each switch what it stopped in the viewer's teams: sums by verb and currency, and the latest."""
    stopped = {switch.pk: Stopped() for switch in switches}
    seen = FreezeStop.objects.filter(switch__in=stopped, team__in=team_ids_of(viewer))
    rows = seen.order_by("switch", "verb", "currency").values("switch", "verb", "currency")
    for row in rows.annotate(count=Count("pk"), minor=Sum("amount_minor")):
        amount = Money(int(row["minor"]), row["currency"])
        one = stopped[row["switch"]]
        one.sums.append(VerbSum(VERBS.get(row["verb"], row["verb"]), row["count"], amount))
        one.count += row["count"]
    for pk, one in stopped.items():
        if one.count:
            one.latest = list(seen.filter(switch=pk).order_by("-stopped_at", "-pk")[:SHOWN])
    return stopped
