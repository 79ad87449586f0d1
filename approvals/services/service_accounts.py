"""Service accounts: opened with an owner, held to limits, stopped at once and let go on, everything on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import hold_freezes
from approvals.models import FreezeSwitch
from approvals.roles import SERVICE
from approvals.services.freezes import Target, put_freeze, reason_given, take_off
from approvals.vocabulary import FreezeScope
from config.kernel.people import User, assign_to_teams, give_roles, team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.service_accounts import ServiceAccount
from config.kernel.wording import said
from evidence import ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db import models

    from config.kernel.people import Team

OPENS = "kernel.add_serviceaccount"
CHANGES = "kernel.change_serviceaccount"
QUARANTINES = "kernel.quarantine_serviceaccount"


@transaction.atomic
def open_account(
    *, username: str, purpose: str, owner: User, teams: Iterable[Team], actor: User, at: datetime
) -> ServiceAccount:
    """Open a service account, or write down what an older one is for; it files in these teams and signs nothing.

    :raises NotPermitted: without the right
    :raises Refused: for a name that a person bears or that has its account, or an owner who is a machine
    """
    check_right(actor, OPENS)
    check_owner(owner)
    user, is_new = User.objects.get_or_create(username=username, defaults={"is_service_account": True})
    if not user.is_service_account:
        raise Refused("invalid", said("“{username}” is the name of a person.", username=username), "username")
    if ServiceAccount.objects.filter(user=user).exists():
        raise Refused("invalid", said("“{username}” has its account already.", username=username), "username")
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        give_roles(user=user, roles=[SERVICE])
    assign_to_teams(user=user, teams=teams)
    account = ServiceAccount.objects.create(user=user, purpose=purpose, owner=owner)
    words = f"opened the service account {username} for: {purpose}. {owner} answers for it."
    _record(account, "opened", actor, at, words, {"owner": owner.pk, "user": user.pk})
    return account


def record_change(
    *, account: ServiceAccount, before: Mapping[str, object], after: Mapping[str, object], actor: User, at: datetime
) -> None:
    """Put on record what changed about an account; nothing where nothing did.

    :raises NotPermitted: without the right
    """
    check_right(actor, CHANGES)
    changed = {name: {"before": before.get(name), "after": value} for name, value in after.items()}
    changed = {name: pair for name, pair in changed.items() if pair["before"] != pair["after"]}
    if changed:
        named = ", ".join(sorted(changed)).replace("_", " ")
        _record(account, "changed", actor, at, f"changed of {account}: {named}.", changed)


def agreed(account: ServiceAccount) -> dict[str, object]:
    """Tell what is agreed about an account, as the record keeps it."""
    return {
        "purpose": account.purpose,
        "owner": account.owner_id,
        "calls_per_minute": account.calls_per_minute,
        "asks_per_hour": account.asks_per_hour,
        "teams": sorted(team_ids_of(account.user)),
        "limits": [
            {"currency": limit.currency, "single_minor": limit.single_minor, "daily_minor": limit.daily_minor}
            for limit in account.limits.all()
        ],
    }


@transaction.atomic(durable=True)
def quarantine(*, account_id: UUID, why: str, actor: User, at: datetime) -> ServiceAccount:
    """Refuse every call of an account from the commit on, and freeze what it has under way.

    :raises NotPermitted: without the right
    :raises OutOfDate: when somebody was faster
    :raises Refused: for a reason too short
    """
    check_right(actor, QUARANTINES)
    why = reason_given(why)
    hold_freezes()
    account = _held(account_id)
    if account.quarantined_at is not None:
        raise OutOfDate(
            "out_of_date",
            said(
                "{who} quarantined {account} already.",
                who=account.quarantined_by,
                account=account,
            ),
        )
    account.quarantined_at, account.quarantined_by, account.quarantined_why = at, actor, why
    account.save(update_fields=["quarantined_at", "quarantined_by", "quarantined_why"])
    target = Target(scope=FreezeScope.AGENT, agent=account.user)
    if not _freezes_of(account).exists():
        put_freeze(target=target, why=why, actor=actor, at=at)
    digest = ledger.salted_digest(account.subject, why)
    _record(account, "quarantined", actor, at, f"quarantined {account}.", {"why_sha256": digest})
    return account


@transaction.atomic(durable=True)
def release(*, account_id: UUID, why: str, actor: User, at: datetime) -> ServiceAccount:
    """Let an account call again, and what it has under way go on.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it is in no quarantine
    :raises Refused: for a reason too short
    """
    check_right(actor, QUARANTINES)
    why = reason_given(why)
    hold_freezes()
    account = _held(account_id)
    if account.quarantined_at is None:
        raise OutOfDate("out_of_date", said("{account} is in no quarantine.", account=account))
    account.quarantined_at, account.quarantined_by, account.quarantined_why = None, None, ""
    account.save(update_fields=["quarantined_at", "quarantined_by", "quarantined_why"])
    for switch in _freezes_of(account).select_for_update(of=("self",)):
        take_off(switch, why=why, actor=actor, at=at)
    digest = ledger.salted_digest(account.subject, why)
    _record(account, "released", actor, at, f"released {account} from quarantine.", {"why_sha256": digest})
    return account


def check_right(actor: User, permission: str) -> None:
    """Want a right.

    :raises NotPermitted: naming it
    """
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))


def check_owner(owner: User) -> None:
    """Want a person who is here.

    :raises Refused: otherwise
    """
    if owner.is_service_account or not owner.is_active:
        raise Refused("invalid", said("A person who works here answers for it."), "owner")


def _held(account_id: UUID) -> ServiceAccount:
    held = ServiceAccount.objects.select_for_update(of=("self",)).select_related("user", "quarantined_by")
    return held.get(pk=account_id)


def _freezes_of(account: ServiceAccount) -> models.QuerySet[FreezeSwitch]:
    return FreezeSwitch.objects.filter(scope=FreezeScope.AGENT, agent=account.user, lifted_at__isnull=True)


def _record(
    account: ServiceAccount, word: str, actor: User, at: datetime, sentence: str, data: Mapping[str, object]
) -> None:
    ledger.record(
        subject=account.subject, kind=f"service_account.{word}", actor=actor, at=at, sentence=sentence, data=data
    )
