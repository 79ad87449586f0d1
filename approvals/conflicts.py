"""Roles that nobody may hold together, and why; asked when roles are given and whenever they are reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.people import User
from config.kernel.wording import said

from .role_names import role_names
from .roles import ADMINISTRATOR, AGENT, APPROVER, AUDITOR, DIRECTOR, FINANCE, MANAGER, QUALITY, REVIEWER

if TYPE_CHECKING:
    from collections.abc import Iterable

RANKS = (APPROVER, MANAGER, DIRECTOR)
"""Roles that sign for money."""
CHANGES_SOMETHING = (AGENT, REVIEWER, *RANKS, FINANCE, QUALITY, ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two roles that exclude each other."""

    one: str
    other: str
    why: str

    @property
    def title(self) -> str:
        """Name the two as a page does."""
        return role_names((self.one, self.other))


def _matrix() -> tuple[Conflict, ...]:
    rules = (
        ((AGENT,), RANKS, said("Who asks for a refund does not approve refunds.")),
        ((REVIEWER,), RANKS, said("Who judges an exception does not approve its money.")),
        ((FINANCE,), RANKS, said("Who approves money does not send it or reconcile it.")),
        ((ADMINISTRATOR,), RANKS, said("Who sets people and limits does not sign under them.")),
        ((AUDITOR,), CHANGES_SOMETHING, said("Who examines the work does not do it.")),
    )
    return tuple(Conflict(one, other, why) for ones, others, why in rules for one in ones for other in others)


CONFLICTS = _matrix()


def conflicts_among(roles: Iterable[str]) -> list[Conflict]:
    """List every pair of these roles that exclude each other."""
    held = frozenset(roles)
    return [conflict for conflict in CONFLICTS if {conflict.one, conflict.other} <= held]


def sentences_of(roles: Iterable[str]) -> list[str]:
    """Say why these roles do not go together, one sentence a pair; empty when they do."""
    return [
        said("{one} and {other}: {why}", one=conflict.one, other=conflict.other, why=conflict.why)
        for conflict in conflicts_among(roles)
    ]


def present_conflicts() -> list[tuple[User, list[Conflict]]]:
    """List the people who hold roles that exclude each other; who may not log in is left out."""
    people = User.objects.filter(is_active=True, groups__isnull=False).distinct().prefetch_related("groups")
    found = [
        (person, conflicts_among(group.name for group in person.groups.all())) for person in people.order_by("username")
    ]
    return [(person, conflicts) for person, conflicts in found if conflicts]
