"""Say how much somebody may sign for, and write it down; nobody says so about herself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from approvals.models import AuthorityLimit
from approvals.roles import ROLES
from approvals.vocabulary import SignedCategory
from config.kernel.money import Money, known_currency
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.subjects import Subject
from evidence import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Team, User

KIND = "authority_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a limit names and where it holds: a person or a role, in one team or, without one, in every team."""

    user: User | None = None
    role: str = ""
    team: Team | None = None
    category: str
    currency: str


@transaction.atomic
def set_limit(*, scope: Scope, single_minor: int, daily_minor: int, actor: User, at: datetime) -> AuthorityLimit:
    """Set what may be signed for in a scope; a limit that is there is replaced.

    `single_minor` and `daily_minor` are minor units of the scope's currency.

    :raises NotPermitted: without the right, or for a limit of one's own
    :raises Refused: naming each field that cannot be
    """
    _check_right(actor, "approvals.change_authoritylimit")
    check_is_not_own(actor, user=scope.user, role=scope.role)
    check_can_be(scope, single_minor, daily_minor)
    named: dict[str, Any] = {field.name: getattr(scope, field.name) for field in fields(scope)}
    before = AuthorityLimit.objects.select_for_update(of=("self",)).filter(**named).first()
    limit, _ = AuthorityLimit.objects.update_or_create(
        **named, defaults={"single_minor": single_minor, "daily_minor": daily_minor}
    )
    if before is not None and (before.single_minor, before.daily_minor) == (single_minor, daily_minor):
        return limit
    single, daily = Money(single_minor, scope.currency), Money(daily_minor, scope.currency)
    was = "" if before is None else f" It was {Money(before.single_minor, scope.currency)}."
    _record(limit, "set", actor, at, f"set the limit of {_scope_words(limit)} to {single} each, {daily} a day.{was}")
    return limit


@transaction.atomic
def withdraw_limit(*, limit_id: int, actor: User, at: datetime) -> None:
    """Take a limit away; whoever it named signs for nothing in its scope any more.

    :raises NotPermitted: without the right, or for a limit of one's own
    """
    _check_right(actor, "approvals.delete_authoritylimit")
    limit = AuthorityLimit.objects.select_for_update(of=("self",)).select_related("user", "team").get(pk=limit_id)
    check_is_not_own(actor, user=limit.user, role=limit.role)
    _record(limit, "withdrawn", actor, at, f"withdrew the limit of {_scope_words(limit)}.")
    limit.delete()


def check_is_not_own(actor: User, *, user: User | None, role: str) -> None:
    """Refuse a limit that names the actor, or a role the actor holds.

    :raises NotPermitted: `own_limit`
    """
    if (user is not None and user.pk == actor.pk) or role in actor.role_names:
        raise NotPermitted("own_limit", "This limit is your own. Somebody else must set it.")


def check_can_be(scope: Scope, single_minor: int, daily_minor: int) -> None:
    """Refuse what no limit can be, every field at once.

    :raises Refused: with a reason for each field
    """
    wrong: dict[str, str | bool] = {
        "user": (scope.user is None) == (not scope.role) and "Name a person or a role, one of the two.",
        "role": scope.role and scope.role not in ROLES and f"There is no role “{scope.role}”.",
        "category": scope.category not in SignedCategory.values and f"There is no category “{scope.category}”.",
        "currency": not known_currency(scope.currency) and f"{scope.currency} is not an ISO 4217 currency.",
        "single": single_minor < 0 and "A limit is not negative.",
        "daily": daily_minor < single_minor and "A day must cover one request of the single limit.",
    }
    reasons = [Reason("refused", str(sentence), field) for field, sentence in wrong.items() if sentence]
    if scope.user is not None and scope.user.is_service_account:
        reasons.append(Reason("refused", "A service account signs for nothing.", "user"))
    if reasons:
        raise Refused.of(reasons)


def subject_of(limit: AuthorityLimit) -> Subject:
    """Name a limit in the ledger; its number as a UUID, the same for ever."""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{limit.pk}"))


def _check_right(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", f"This needs the right “{permission}”.")


def _scope_words(limit: AuthorityLimit) -> str:
    holder = limit.user.username if limit.user is not None else f"the role {limit.role}"
    where = f" in {limit.team}" if limit.team is not None else ""
    return f"{holder} for {SignedCategory(limit.category).label.lower()} in {limit.currency}{where}"


def _record(limit: AuthorityLimit, word: str, actor: User, at: datetime, sentence: str) -> None:
    ledger.record(
        subject=subject_of(limit),
        kind=f"limit.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "limit": limit.pk,
            "user": limit.user_id,
            "role": limit.role,
            "team": limit.team_id,
            "category": limit.category,
            "currency": limit.currency,
            "single_minor": limit.single_minor,
            "daily_minor": limit.daily_minor,
        },
    )
