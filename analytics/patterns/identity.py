"""Which accounts are the same somebody: those that share enough of what people do not share by accident.

What two accounts share is added up by `WEIGHTS`; from `ENOUGH` on they are linked, the surest first. A mark that many
share names a place or a habit and nobody, so it counts for nothing, and no identity grows beyond `MOST_TOGETHER`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})

WEIGHTS: Final = {
    "mailbox": 100,
    "bank account": 100,
    "name and card digits": 60,
    "parcel": 60,
    "ticket": 40,
    "photo": 40,
    "name and country": 20,
}
"""How much each mark says, in hundredths of what is certain. A ticket or a name alone links nobody."""

ENOUGH: Final = 60
MOST_SHARED: Final = {"mailbox": 20, "bank account": 20}
MOST_SHARED_ELSE: Final = 6
"""A card, a parcel, a ticket, a photo or a name that more accounts share is an office's or the shop's own."""

MOST_TOGETHER: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Something an account has that it may share: what it is, and its words."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """A customer account with its marks."""

    id: int
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class Identity:
    """The accounts of one somebody, and by what they were linked, the strongest first."""

    id: int
    account_count: int
    linked_by: tuple[str, ...]


def mailbox(email: str) -> str:
    """Name the mailbox behind an address, without what follows a plus and without dots where they mean nothing."""
    box, _, house = email.strip().lower().rpartition("@")
    box = box.partition("+")[0]
    if house in _DOTS_MEAN_NOTHING:
        box, house = box.replace(".", ""), "gmail.com"
    return f"{box}@{house}" if box else ""


def identities(accounts: Iterable[Account]) -> dict[int, Identity]:
    """Say of each account who it is; an identity is called by the smallest id in it."""
    known = sorted(accounts, key=lambda one: one.id)
    above = {account.id: account.id for account in known}
    sizes = dict.fromkeys(above, 1)
    shared: dict[int, set[str]] = defaultdict(set)
    for one, other, marks in _links(known):
        first, second = sorted((_top(above, one), _top(above, other)))
        if first == second:
            shared[first] |= marks
        elif sizes[first] + sizes[second] <= MOST_TOGETHER:
            above[second] = first
            sizes[first] += sizes.pop(second)
            shared[first] |= shared.pop(second, set()) | marks
    found = {top: Identity(top, size, _strongest(shared[top])) for top, size in sizes.items()}
    return {pk: found[_top(above, pk)] for pk in above}


def _links(accounts: Iterable[Account]) -> list[tuple[int, int, set[str]]]:
    """List the pairs that share enough, with what they share, the surest first."""
    holders: dict[Mark, list[int]] = defaultdict(list)
    for account in accounts:
        for mark in account.marks:
            holders[mark].append(account.id)
    pairs: dict[tuple[int, int], set[str]] = defaultdict(set)
    for mark, several in holders.items():
        if len(several) <= MOST_SHARED.get(mark.what, MOST_SHARED_ELSE):
            for pair in combinations(several, 2):
                pairs[pair].add(mark.what)
    weighed = [(sum(WEIGHTS[what] for what in marks), *pair, marks) for pair, marks in pairs.items()]
    weighed.sort(key=lambda row: (-row[0], row[1], row[2]))
    return [(one, other, marks) for weight, one, other, marks in weighed if weight >= ENOUGH]


def _strongest(marks: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(marks, key=lambda what: (-WEIGHTS[what], what)))


def _top(above: dict[int, int], pk: int) -> int:
    while above[pk] != pk:
        above[pk] = above[above[pk]]
        pk = above[pk]
    return pk
