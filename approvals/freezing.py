"""Whether a freeze stops somebody now, in which words, and what is kept of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from django.db import connection, transaction
from django.db.models import Q

from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from .models import FreezeStop, FreezeSwitch
from .vocabulary import FreezeScope, in_a_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.money import Money
    from config.kernel.people import User
    from config.kernel.subjects import Subject

P = ParamSpec("P")
R = TypeVar("R")

LOCK = "approvals.freezes"
FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """What somebody is about to do: with which subject, where, and for how much.

    `agent_ids` are the people it hangs on: whoever does it, entered the subject or judged its exception.
    """

    verb: str
    subject: Subject
    reference: str
    page: str
    team_id: int
    category: str
    amount: Money
    agent_ids: frozenset[int]
    actor: User | None = None


class Frozen(NotPermitted):
    """A freeze stops this, whoever asks; nothing was written, not even that it was stopped."""

    def __init__(self, switches: Sequence[FreezeSwitch], undertaking: Undertaking) -> None:
        """Say the broadest freeze in words and keep what `note_stop` needs."""
        super().__init__(FROZEN, sentence_of(switches[0]))
        self.switches = switches
        self.undertaking = undertaking


def switches_on() -> QuerySet[FreezeSwitch]:
    """Select the switches that are on, the longest standing first."""
    return (
        FreezeSwitch.objects.filter(lifted_at__isnull=True)
        .select_related("set_by", "agent", "team")
        .order_by("set_at", "pk")
    )


def switches_over(undertaking: Undertaking) -> list[FreezeSwitch]:
    """List the switches that stop this, the broadest first."""
    # Few commands meet one, so whom it names is read only then.
    return those_over(switches_on().select_related(None), undertaking)


def those_over(switches: Iterable[FreezeSwitch], undertaking: Undertaking) -> list[FreezeSwitch]:
    """Keep of some switches those that stop this, the broadest first; few are ever on at once."""
    found = [switch for switch in switches if _is_over(switch, undertaking)]
    breadth = [FreezeScope.EVERYTHING, FreezeScope.TEAM, FreezeScope.CATEGORY, FreezeScope.AGENT]
    return sorted(found, key=lambda switch: breadth.index(FreezeScope(switch.scope)))


def _is_over(switch: FreezeSwitch, undertaking: Undertaking) -> bool:
    return {
        FreezeScope.EVERYTHING: True,
        FreezeScope.TEAM: switch.team_id == undertaking.team_id,
        FreezeScope.CATEGORY: switch.category == undertaking.category,
        FreezeScope.AGENT: switch.agent_id in undertaking.agent_ids,
    }[FreezeScope(switch.scope)]


def routes_under(switches: Iterable[FreezeSwitch]) -> Q:
    """Select the routes that wait under these switches, whoever would sign them."""
    under = Q(pk__in=[])
    for switch in switches:
        under |= {
            FreezeScope.EVERYTHING: Q(pk__isnull=False),
            FreezeScope.TEAM: Q(team=switch.team_id),
            FreezeScope.CATEGORY: Q(category=switch.category),
            FreezeScope.AGENT: Q(requested_by=switch.agent_id) | Q(reviewed_by=switch.agent_id),
        }[FreezeScope(switch.scope)]
    return under


def check_not_frozen(undertaking: Undertaking) -> None:
    """Refuse while a freeze is on; call it inside the transaction that acts, after its row locks.

    Until that transaction ends no freeze can be set: a freeze that was set first is seen, one that is set later finds
    what we did committed, and keeps its money from leaving.

    :raises Frozen: with the reason, who set it and when
    """
    hold_freezes(is_shared=True)
    found = switches_over(undertaking)
    if found:
        raise Frozen(found, undertaking)


def hold_freezes(*, is_shared: bool = False) -> None:
    """Let no freeze be set or lifted until the transaction ends; alone, or beside others who only look."""
    name = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(hashtextextended(%s, 0))", [LOCK])


@transaction.atomic
def note_stop(switches: Iterable[FreezeSwitch], undertaking: Undertaking, *, at: datetime) -> None:
    """Keep that these switches stopped this, once for each switch, subject and verb."""
    FreezeStop.objects.bulk_create(
        [
            FreezeStop(
                switch=switch,
                subject_kind=undertaking.subject.kind,
                subject_id=undertaking.subject.id,
                reference=undertaking.reference,
                page=undertaking.page,
                team_id=undertaking.team_id,
                verb=undertaking.verb,
                amount_minor=undertaking.amount.minor,
                currency=undertaking.amount.currency,
                actor=undertaking.actor,
                stopped_at=at,
            )
            for switch in switches
        ],
        ignore_conflicts=True,
    )


def notes_what_is_frozen(command: Callable[P, R]) -> Callable[P, R]:
    """Keep what a freeze stopped after the refused command is rolled back; stands outside its transaction."""

    @wraps(command)
    def spoken(*args: P.args, **words: P.kwargs) -> R:
        try:
            return command(*args, **words)
        except Frozen as frozen:
            note_stop(frozen.switches, frozen.undertaking, at=cast("datetime", words["at"]))
            raise

    return spoken


def sentence_of(switch: FreezeSwitch) -> str:
    """Say what is frozen, by whom, since when and why."""
    return said(
        "{target} is frozen by {set_by} since {time} UTC on {day}: {why}",
        target=target_of(switch),
        set_by=switch.set_by,
        time=f"{switch.set_at:%H:%M}",
        day=f"{switch.set_at:%d %B %Y}",
        why=switch.why,
    )


def target_of(switch: FreezeSwitch) -> str:
    """Name what a switch freezes, as the beginning of a sentence."""
    named = {
        FreezeScope.AGENT: said("Everything of {agent}", agent=switch.agent),
        FreezeScope.TEAM: said("The team {team}", team=switch.team),
        FreezeScope.CATEGORY: said("The category {category}", category=in_a_sentence(switch.category)),
        FreezeScope.EVERYTHING: said("Everything"),
    }
    return named[FreezeScope(switch.scope)]
