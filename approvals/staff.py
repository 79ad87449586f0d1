"""Everybody of one team who may sign, at one moment: in whose name, up to how much, and who is away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.people import people_of

from .authority import limit_for, load_limits
from .lending import SIGNS, loans_of
from .models import Absence
from .roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from config.kernel.people import Team, User


@dataclass(frozen=True, slots=True)
class Signature:
    """One way a signature can be had: by whom, in whose name, with which roles, up to how much in minor units.

    `lenders` are all whose stand-in the signer is, or her lender: neither signs for what one of them entered.
    """

    signer: User
    lender: User | None
    roles: frozenset[str]
    single_minor: int
    lenders: frozenset[int] = frozenset()

    @property
    def people(self) -> frozenset[int]:
        """Whose signature is spent by it: nobody signs twice, neither in her own name nor in another's."""
        return frozenset({self.signer.pk} if self.lender is None else {self.signer.pk, self.lender.pk})


class Staff:
    """The people of a team who may sign, loaded once with their roles, limits, loans and absences."""

    def __init__(self, team: Team, *, at: datetime) -> None:
        """Load them as they stand at `at`."""
        self.team = team
        self.at = at
        people = list(people_of(team).order_by("pk"))
        load_limits(people)
        self.people = [person for person in people if person.is_superuser or may_sign(person)]
        self._loans = {person.pk: loans_of(person, at=at) for person in self.people}
        self._away: dict[int, list[Absence]] = defaultdict(list)
        for absence in Absence.objects.filter(user__in=self.people, from_at__lte=at, until_at__gt=at):
            self._away[absence.user_id].append(absence)
        self._signatures: dict[tuple[str, str], list[Signature]] = {}

    def signatures(self, *, category: str, currency: str) -> Sequence[Signature]:
        """List every way to sign in a category and currency, whatever the amount and whoever is away."""
        scope = (category, currency)
        if scope not in self._signatures:
            self._signatures[scope] = list(self._all(category, currency))
        return self._signatures[scope]

    def away_until(self, person: User, *, needed_by: datetime) -> datetime | None:
        """Tell until when somebody is away; None when she is here, or back before she is needed."""
        ends = [absence.until_at for absence in self._away.get(person.pk, ()) if absence.until_at > needed_by]
        return max(ends, default=None)

    def _all(self, category: str, currency: str) -> Iterator[Signature]:
        for person in self.people:
            own = limit_for(person, team_id=self.team.pk, category=category, currency=currency)
            if own is None:
                continue
            loans = self._loans[person.pk]
            lenders = frozenset(loan.lent_by.pk for loan in loans)
            yield Signature(person, None, person.role_names, own.single_minor, lenders)
            for loan in loans:
                if loan.covers(team_id=self.team.pk, category=category) and loan.is_backed(team_id=self.team.pk):
                    lent = limit_for(loan.lent_by, team_id=self.team.pk, category=category, currency=currency)
                    if lent is not None:
                        least = min(own.single_minor, lent.single_minor)
                        ceiling = loan.ceiling_minor(currency)
                        most = least if ceiling is None else min(least, ceiling)
                        hers = {other.lent_by.pk for other in loans_of(loan.lent_by, at=self.at)}
                        yield Signature(person, loan.lent_by, loan.lent_by.role_names, most, lenders | hers)


def may_sign(person: User) -> bool:
    """Tell from her roles whether somebody may sign at all."""
    return any(SIGNS in ROLES.get(role, frozenset()) for role in person.role_names)


@dataclass(frozen=True, slots=True)
class Need:
    """A step that wants `count` different people with a role."""

    role: str
    count: int


def can_be_had(needs: Sequence[Need], signatures: Collection[Signature]) -> bool:
    """Tell whether every need finds its people, nobody signing twice.

    Tries the needs with the fewest ways first, so that a plan of a few signatures is decided in a few steps.
    """
    places = [need.role for need in needs for _ in range(need.count)]
    ways = {role: [signature for signature in signatures if role in signature.roles] for role in set(places)}
    places.sort(key=lambda role: (len(ways[role]), role))
    if any(len(ways[role]) < places.count(role) for role in ways):
        return False
    return _found(places, ways, frozenset())


def _found(places: Sequence[str], ways: dict[str, list[Signature]], spent: frozenset[int]) -> bool:
    if not places:
        return True
    seen = set()
    for signature in ways[places[0]]:
        if signature.people & spent or signature.people in seen:
            continue
        seen.add(signature.people)
        if _found(places[1:], ways, spent | signature.people):
            return True
    return False
