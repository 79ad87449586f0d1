"""The chart of accounts: which account of the general ledger stands for which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.money import known_currency
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import GLAccount

from .vocabulary import STANDARD_CODES, AccountRole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User

ADDS = "refunds.add_glaccount"
CHANGES = "refunds.change_glaccount"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWish:
    """An account as somebody wants it in the chart."""

    role: str
    code: str
    name: str
    team: Team | None = None
    gateway: str = ""
    currency: str = ""

    def faults(self) -> list[Reason]:
        """Find what no account can be."""
        faults = []
        if self.currency and not known_currency(self.currency):
            faults.append(
                Reason("unknown_currency", said("“{currency}” is not a currency.", currency=self.currency), "currency")
            )
        if not self.code.strip() or not self.name.strip():
            faults.append(Reason("refused", said("An account has a code and a name."), "code"))
        return faults


@transaction.atomic
def set_account(*, wish: AccountWish, actor: User, at: datetime, account_id: UUID | None = None) -> GLAccount:
    """Put an account into the chart, or change the one with this id; what was booked keeps its code.

    :raises NotPermitted: without the right
    :raises Refused: for a currency there is not, without code or name, or where another account stands already
    """
    needed = ADDS if account_id is None else CHANGES
    if not actor.has_perm(needed):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=needed))
    faults = wish.faults()
    place = {"role": wish.role, "team": wish.team, "gateway": wish.gateway, "currency": wish.currency}
    others = GLAccount.objects.filter(**_place(wish))
    if (others if account_id is None else others.exclude(pk=account_id)).exists():
        faults.append(Reason("known_already", said("The chart has an account for this role at this place."), "role"))
    if faults:
        raise Refused.of(faults)
    account = GLAccount(**place) if account_id is None else GLAccount.objects.select_for_update().get(pk=account_id)
    before = "" if account_id is None else str(account)
    for column, value in {**place, "code": wish.code.strip(), "name": wish.name.strip()}.items():
        setattr(account, column, value)
    account.save()
    ledger.record(
        subject=account.subject,
        kind="gl_account.set",
        actor=actor,
        at=at,
        sentence=f"books {AccountRole(wish.role).label.lower()} to {account}" + (f", not {before}." if before else "."),
        data={
            "role": wish.role,
            "code": account.code,
            "name": account.name,
            "team": wish.team.slug if wish.team else "",
            "gateway": wish.gateway,
            "currency": wish.currency,
        },
    )
    return account


def names_of_codes() -> Mapping[str, str]:
    """Name every code of the chart, the standard ones included, in one query."""
    standard = {code: str(AccountRole(role).label) for role, code in STANDARD_CODES.items()}
    return {**standard, **dict(GLAccount.objects.order_by("pk").values_list("code", "name"))}


def _place(wish: AccountWish) -> dict[str, object]:
    team = {"team": wish.team} if wish.team else {"team__isnull": True}
    return {"role": wish.role, "gateway": wish.gateway, "currency": wish.currency, **team}
