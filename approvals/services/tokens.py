"""Tokens of the API: issued for a purpose, replaced with an overlap, revoked; their secret is kept nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from config.kernel.refusals import OutOfDate, Reason, Refused
from config.kernel.scopes import every_scope
from config.kernel.subjects import Subject
from config.kernel.tokens import ApiToken
from config.kernel.wording import said
from evidence import ledger

from .service_accounts import check_right

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from config.kernel.people import User

KIND = "api_token"
ISSUES = "kernel.add_apitoken"
REVOKES = "kernel.delete_apitoken"
MOST_DAYS = 366
LONGEST_NAME = 80
MOST_OVERLAP = timedelta(days=14)
TO_MACHINES = said("Tokens are issued here to service accounts in use.")


@transaction.atomic
def issue_token(
    *, user: User, name: str, scopes: Collection[str], days: int, actor: User, at: datetime
) -> tuple[ApiToken, str]:
    """Issue a token to a service account; answers it with its secret, which cannot be read again.

    :raises NotPermitted: without the right
    :raises Refused: for a person's name, an unknown scope, or a term that is too long
    """
    check_right(actor, ISSUES)
    reasons = [
        Reason("invalid", said("There is no scope “{scope}”.", scope=one), "scopes")
        for one in scopes
        if one not in every_scope()
    ]
    if not _is_machine_in_use(user):
        reasons.append(Reason("invalid", TO_MACHINES, "user"))
    if not name.strip() or len(name) > LONGEST_NAME:
        reasons.append(
            Reason(
                "invalid",
                said("Say where it is used, in at most {most} characters.", most=LONGEST_NAME),
                "name",
            )
        )
    if not 0 < days <= MOST_DAYS:
        reasons.append(Reason("invalid", said("A token is good for 1 to {most} days.", most=MOST_DAYS), "days"))
    if reasons:
        raise Refused.of(reasons)
    token, secret = _issued(user, name.strip(), sorted(scopes), timedelta(days=days), actor)
    _record(token, "issued", actor, at, f"issued the token {token.token_key} to {user} for {name.strip()}.")
    return token, secret


@transaction.atomic(durable=True)
def rotate_token(*, digest: str, overlap: timedelta, actor: User, at: datetime) -> tuple[ApiToken, str]:
    """Issue a token that may do what this one may, as long; this one ends when the overlap does.

    :raises ApiToken.DoesNotExist: for one that was revoked
    :raises NotPermitted: without the right
    :raises OutOfDate: for one that has ended
    :raises Refused: for a person's, whose new secret would let the actor act as her, and for too long an overlap
    """
    check_right(actor, ISSUES)
    if not timedelta() <= overlap <= MOST_OVERLAP:
        raise Refused("invalid", said("Both hold together for at most {days} days.", days=MOST_OVERLAP.days), "overlap")
    old = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=digest)
    if not _is_machine_in_use(cast("User", old.user)):
        raise Refused("invalid", TO_MACHINES, "user")
    if old.expiry is not None and old.expiry <= at:
        raise OutOfDate("out_of_date", said("{key} has ended. Issue a new one.", key=old.token_key))
    good_for = old.expiry - old.created if old.expiry is not None else timedelta(days=MOST_DAYS)
    token, secret = _issued(cast("User", old.user), old.name, old.scopes, good_for, actor)
    old.expiry = min(old.expiry, at + overlap) if old.expiry is not None else at + overlap
    old.save(update_fields=["expiry"])
    sentence = (
        f"replaced the token {old.token_key} of {old.user} by {token.token_key}; it ends {old.expiry:%-d %B %H:%M} UTC."
    )
    _record(token, "rotated", actor, at, sentence, replaced=old.token_key, ends_at=old.expiry.isoformat())
    return token, secret


@transaction.atomic(durable=True)
def revoke_token(*, digest: str, actor: User, at: datetime) -> ApiToken:
    """End a token at once.

    :raises ApiToken.DoesNotExist: for one that was revoked before
    :raises NotPermitted: without the right
    """
    check_right(actor, REVOKES)
    token: ApiToken = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=digest)
    _record(token, "revoked", actor, at, f"revoked the token {token.token_key} of {token.user}.")
    token.delete()
    return token


def _is_machine_in_use(user: User) -> bool:
    return user.is_service_account and user.is_active


def _issued(user: User, name: str, scopes: list[str], good_for: timedelta, actor: User) -> tuple[ApiToken, str]:
    token, secret = ApiToken.objects.create(user=user, expiry=good_for)
    token.name, token.scopes, token.issued_by = name, scopes, actor
    token.save(update_fields=["name", "scopes", "issued_by"])
    return token, secret


def _record(token: ApiToken, word: str, actor: User, at: datetime, sentence: str, **data: object) -> None:
    ledger.record(
        subject=Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{token.digest}")),
        kind=f"{KIND}.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"token_key": token.token_key, "user": token.user_id, "scopes": token.scopes, **data},
    )
