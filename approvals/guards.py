"""What a change of a limit must satisfy, each with its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from approvals.roles import ROLES
from approvals.vocabulary import Category
from config.kernel.money import known_currency
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said

if TYPE_CHECKING:
    from approvals.models import LimitChange
    from config.kernel.people import Team, User

WHY_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a limit names and where it holds: a person or a role, in one team or, without one, in every team."""

    user: User | None = None
    role: str = ""
    team: Team | None = None
    category: str
    currency: str


class Scoped(Protocol):
    """Whatever carries a scope: a limit, a proposed change, a scope itself."""

    @property
    def user(self) -> User | None: ...  # noqa: D102 - the columns of a limit

    @property
    def role(self) -> str: ...  # noqa: D102 - as above


def check_right(actor: User, permission: str) -> None:
    """Refuse whoever lacks a right.

    :raises NotPermitted: naming it
    """
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))


def is_own(actor: User, scoped: Scoped) -> bool:
    """Tell whether a limit names this person, or a role she holds."""
    return (scoped.user is not None and scoped.user.pk == actor.pk) or scoped.role in actor.role_names


def check_is_not_own(actor: User, scoped: Scoped) -> None:
    """Refuse a limit that names the actor, or a role the actor holds.

    :raises NotPermitted: `own_limit`
    """
    if is_own(actor, scoped):
        raise NotPermitted("own_limit", said("This limit is your own. Somebody else must set it."))


def check_is_another(actor: User, change: LimitChange) -> None:
    """Refuse whoever proposed the change herself.

    :raises NotPermitted: `own_proposal`
    """
    if actor.pk == change.proposed_by_id:
        raise NotPermitted("own_proposal", said("You proposed this change. Somebody else must answer it."))


def check_can_be(scope: Scope, single_minor: int, daily_minor: int) -> None:
    """Refuse what no limit can be, every field at once.

    :raises Refused: with a reason for each field
    """
    wrong: dict[str, str | bool] = {
        "user": (scope.user is None) == (not scope.role) and said("Name a person or a role, one of the two."),
        "role": scope.role and scope.role not in ROLES and said("There is no role “{role}”.", role=scope.role),
        "category": scope.category not in Category.values
        and said("There is no category “{category}”.", category=scope.category),
        "currency": not known_currency(scope.currency)
        and said("{currency} is not an ISO 4217 currency.", currency=scope.currency),
        "single": single_minor < 0 and said("A limit is not negative."),
        "daily": daily_minor < single_minor and said("A day must cover one request of the single limit."),
    }
    reasons = [Reason("refused", no, field) for field, no in wrong.items() if no and isinstance(no, str)]
    if scope.user is not None and scope.user.is_service_account:
        reasons.append(Reason("refused", said("A service account signs for nothing."), "user"))
    if reasons:
        raise Refused.of(reasons)


def check_words(text: str, field: str) -> str:
    """Read the words that go with a step.

    :raises Refused: without any, or with too many
    """
    words = text.strip()
    if not words:
        raise Refused("note_needed", said("Say why, in a sentence."), field)
    if len(words) > WHY_LENGTH:
        raise Refused("note_too_long", said("Say it in at most {most} characters.", most=WHY_LENGTH), field)
    return words
