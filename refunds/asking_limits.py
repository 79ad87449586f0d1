"""How much and how often a service account may ask, counted over requests and decisions together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Sum

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted
from config.kernel.service_accounts import account_of
from config.kernel.wording import said
from policies.models import GovernedAction
from policies.vocabulary import ActionState

from .models import RefundRequest
from .recent import NOT_COUNTED

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User
    from config.kernel.service_accounts import ServiceAccount

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GAVE_NOTHING = (ActionState.BLOCKED, ActionState.REFUSED, ActionState.LAPSED)


def check_may_ask(*, actor: User, amount: Money, at: datetime) -> None:
    """Refuse a service account what is beyond its own limits; a person has others. The account is counted under a lock.

    :raises NotPermitted: `over_authority`, naming the limit
    """
    account = account_of(actor)
    if account is None:
        return
    limits = {limit.currency: limit for limit in account.limits.all()}
    if not limits and account.asks_per_hour is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"refunds.asking {account.pk}"])
    _check_pace(account, at)
    if not limits:
        return
    limit = limits.get(amount.currency)
    if limit is None:
        raise NotPermitted(
            "over_authority", said("{account} may not ask for {currency}.", account=account, currency=amount.currency)
        )
    if amount.minor > limit.single_minor:
        most = Money(limit.single_minor, limit.currency)
        raise NotPermitted(
            "over_authority",
            said("{account} may ask for {most} at once; this is {amount}.", account=account, most=most, amount=amount),
        )
    asked = _asked_minor(account, amount.currency, at)
    if asked + amount.minor > limit.daily_minor:
        most, so_far = Money(limit.daily_minor, limit.currency), Money(asked, limit.currency)
        sentence = said(
            "{account} may ask for {most} within 24 hours; {so_far} are asked for, and this is {amount}.",
            account=account,
            most=most,
            so_far=so_far,
            amount=amount,
        )
        raise NotPermitted("over_authority", sentence)


def _check_pace(account: ServiceAccount, at: datetime) -> None:
    if account.asks_per_hour is None:
        return
    count = _requests(account, at - HOUR).count() + _actions(account, at - HOUR).count()
    if count >= account.asks_per_hour:
        raise NotPermitted(
            "over_authority",
            said(
                "{account} may ask {times} times an hour, and has.",
                account=account,
                times=f"{account.asks_per_hour:,}",
            ),
        )


def _asked_minor(account: ServiceAccount, currency: str, at: datetime) -> int:
    """Sum what was asked for within a day and not turned down, in minor units."""
    since = at - DAY
    requests = _requests(account, since).exclude(state__in=NOT_COUNTED).filter(currency=currency)
    actions = _actions(account, since).exclude(state__in=GAVE_NOTHING).filter(currency=currency)
    return (requests.aggregate(minor=Sum("requested_minor"))["minor"] or 0) + (
        actions.aggregate(minor=Sum("amount_minor"))["minor"] or 0
    )


def _requests(account: ServiceAccount, since: datetime) -> QuerySet[RefundRequest]:
    return RefundRequest.objects.filter(requested_by=account.user_id, submitted_at__gt=since)


def _actions(account: ServiceAccount, since: datetime) -> QuerySet[GovernedAction]:
    return GovernedAction.objects.filter(requested_by=account.user_id, created_at__gt=since, is_ungoverned=False)
