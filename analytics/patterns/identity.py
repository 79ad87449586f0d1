"""Which accounts are the same somebody: those that share something people do not share by accident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Account:
    """A customer account with what it may share: its e-mail address, its name with a card, its bank accounts."""

    id: int
    marks: frozenset[str]


def mailbox(email: str) -> str:
    """Name the mailbox behind an address, without what follows a plus and without dots where they mean nothing."""
    box, _, house = email.strip().lower().rpartition("@")
    box = box.partition("+")[0]
    if house in _DOTS_MEAN_NOTHING:
        box, house = box.replace(".", ""), "gmail.com"
    return f"{box}@{house}" if box else ""


def identities(accounts: Iterable[Account]) -> dict[int, int]:
    """Give each account the smallest id among those it is linked to, directly or through others."""
    first_with: dict[str, int] = {}
    above: dict[int, int] = {}
    for account in sorted(accounts, key=lambda one: one.id):
        above.setdefault(account.id, account.id)
        for mark in sorted(account.marks):
            other = first_with.setdefault(mark, account.id)
            one, two = sorted((_top(above, account.id), _top(above, other)))
            above[two] = one
    return {pk: _top(above, pk) for pk in above}


def _top(above: dict[int, int], pk: int) -> int:
    while above[pk] != pk:
        above[pk] = above[above[pk]]
        pk = above[pk]
    return pk
