"""Who could approve what at one moment: read from the rows the database kept, not from what is true today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db.models import Min, Q

from config.kernel.models import PersonEvent, PersonRoleEvent, PersonTeamEvent
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.wording import said_as

from .conflicts import sentences_of
from .lending import SIGNS
from .models import Absence, AuthorityLimitEvent, Delegation, FreezeSwitch, LimitChange
from .role_names import role_names
from .roles import ROLES
from .vocabulary import Category, ChangeState, DelegationState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from config.kernel.csv_out import Cell

HEADER = (
    *("Username", "Name", "Active", "Superuser", "Service account", "Could sign", "Roles", "Teams", "Conflicts"),
    *("Limit of", "Category", "Limit team", "Currency", "Single", "Daily"),
    *("Proposed by", "Confirmed by", "Confirmed at", "Delegations held", "Away until"),
)


@dataclass(frozen=True, slots=True)
class LimitThen:
    """A limit as it stood, and the change that explains it; without one, nobody confirmed these very amounts."""

    holder: str
    category: str
    team: str
    single: Money
    daily: Money
    change: LimitChange | None

    @property
    def category_words(self) -> str:
        """Name the category as people say it."""
        return Category(self.category).label


@dataclass(slots=True)
class PersonThen:
    """Somebody as she stood: in which roles, for which teams, within which limits, in whose name."""

    pk: int
    username: str
    name: str
    is_active: bool
    is_superuser: bool
    is_service_account: bool
    roles: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    limits: list[LimitThen] = field(default_factory=list)
    delegations: list[str] = field(default_factory=list)
    away_until: datetime | None = None

    @property
    def could_sign(self) -> bool:
        """Tell whether anything could have been approved by her; what a role may do is taken from today's table."""
        has_right = self.is_superuser or any(SIGNS in ROLES.get(role, frozenset()) for role in self.roles)
        return self.is_active and not self.is_service_account and has_right and bool(self.teams) and bool(self.limits)

    @property
    def role_words(self) -> str:
        """Name her roles as a page does."""
        return role_names(self.roles)

    @property
    def conflicts(self) -> list[str]:
        """Say which of her roles exclude each other."""
        return sentences_of(self.roles)


@dataclass(frozen=True, slots=True)
class Review:
    """Everybody there was at a moment, who could sign first, and the freezes that were on."""

    moment: datetime
    people: list[PersonThen]
    freezes: list[FreezeSwitch]

    @property
    def unexplained_count(self) -> int:
        """Count the limits that no confirmed change explains."""
        return len({id(limit) for person in self.people for limit in person.limits if limit.change is None})


def review_at(moment: datetime) -> Review:
    """Put together who could approve what at `moment`."""
    people = {
        row.id: PersonThen(
            row.id,
            row.username,
            f"{row.first_name} {row.last_name}".strip() or row.username,
            row.is_active,
            row.is_superuser,
            row.is_service_account,
        )
        for row in _as_of(PersonEvent, moment)
    }
    teams = dict(Team.objects.values_list("pk", "name"))
    roles = dict(Group.objects.values_list("pk", "name"))
    for given in _as_of(PersonRoleEvent, moment):
        if given.user_id in people:
            people[given.user_id].roles.append(roles.get(given.group_id, "a role that is gone"))
    for works in _as_of(PersonTeamEvent, moment):
        if works.user_id in people:
            people[works.user_id].teams.append(teams.get(works.content_object_id, "a team that is gone"))
    _give_limits(people, teams, moment)
    _lend(people, moment)
    for person in people.values():
        person.roles.sort()
        person.teams.sort()
    in_order = sorted(people.values(), key=lambda person: (not person.could_sign, person.username))
    on = FreezeSwitch.objects.filter(set_at__lte=moment).filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=moment))
    return Review(moment, in_order, list(on.select_related("agent", "team", "set_by")))


def past_began_at() -> datetime | None:
    """Tell since when the past is kept; before that nothing is known."""
    return PersonEvent.objects.aggregate(first=Min("pgh_created_at"))["first"]  # type: ignore[no-any-return]


def file_rows(review: Review) -> Iterator[tuple[Sequence[Cell], Money | None]]:
    """Write one row for each person and limit, and one for each person without any."""
    for person in review.people:
        who: list[Cell] = [person.username, person.name, *map(_yes, _marks(person))]
        who += ["; ".join(words) for words in (person.roles, person.teams, person.conflicts)]
        rest: list[Cell] = ["; ".join(person.delegations), _moment(person.away_until)]
        for limit in person.limits:
            yield [*who, *_limit_cells(limit), *rest], limit.single
        if not person.limits:
            yield [*who, *[""] * 9, *rest], None


def _as_of(events: Any, moment: datetime) -> list[Any]:
    """Take the last row of each object up to a moment, leaving out what was deleted by then."""
    last = events.objects.filter(pgh_created_at__lte=moment).order_by("id", "-pgh_id").distinct("id")
    return [row for row in last if row.pgh_label != "delete"]


def _give_limits(people: dict[int, PersonThen], teams: dict[int, str], moment: datetime) -> None:
    changes: dict[tuple[Any, ...], LimitChange] = {}
    confirmed = LimitChange.objects.filter(state=ChangeState.CONFIRMED, answered_at__lte=moment)
    for change in confirmed.select_related("proposed_by", "answered_by").order_by("answered_at", "pk"):
        changes[_key(change)] = change
    by_role: dict[str, list[PersonThen]] = defaultdict(list)
    for person in people.values():
        for role in person.roles:
            by_role[role].append(person)
    for row in _as_of(AuthorityLimitEvent, moment):
        last = changes.get(_key(row))
        amounts = (row.single_minor, row.daily_minor)
        explains = last is not None and (last.single_minor, last.daily_minor) == amounts
        then = LimitThen(
            holder=f"every {row.role}" if row.role else "herself",
            category=row.category,
            team=teams.get(row.team_id, said_as("teams", "all")),
            single=Money(row.single_minor, row.currency),
            daily=Money(row.daily_minor, row.currency),
            change=last if explains else None,
        )
        for person in by_role[row.role] if row.role else filter(None, [people.get(row.user_id)]):
            person.limits.append(then)


def _key(scoped: Any) -> tuple[Any, ...]:
    return scoped.user_id, scoped.role, scoped.team_id, scoped.category, scoped.currency


def _lend(people: dict[int, PersonThen], moment: datetime) -> None:
    delegations = Delegation.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=moment),
        state__in=[DelegationState.ACCEPTED, DelegationState.ENDED],
        answered_at__lte=moment,
        from_at__lte=moment,
        until_at__gt=moment,
    )
    for delegation in delegations.select_related("lent_by", "lent_to").order_by("from_at", "pk"):
        if delegation.lent_to_id in people:
            people[delegation.lent_to_id].delegations.append(str(delegation))
    for absence in Absence.objects.filter(from_at__lte=moment, until_at__gt=moment).order_by("until_at", "pk"):
        if absence.user_id in people:
            people[absence.user_id].away_until = absence.until_at


def _marks(person: PersonThen) -> tuple[bool, ...]:
    return person.is_active, person.is_superuser, person.is_service_account, person.could_sign


def _limit_cells(limit: LimitThen) -> list[Cell]:
    scope: list[Cell] = [limit.holder, limit.category, limit.team, limit.single.currency]
    if limit.change is None:
        proof: list[Cell] = ["", "nobody", ""]
    else:
        change = limit.change
        proof = [str(change.proposed_by), str(change.answered_by), _moment(change.answered_at)]
    return [*scope, limit.single.major, limit.daily.major, *proof]


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat()


def _yes(mark: bool) -> str:  # noqa: FBT001 - a truth value is what it prints
    return "yes" if mark else "no"
