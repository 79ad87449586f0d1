"""Remediation items of the demo: each as far as somebody took it, with the nightly look of the clock between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from analytics.models import RemediationItem
from analytics.remediation.closing import confirm_closing, propose_closing
from analytics.remediation.opening import open_item
from analytics.remediation.vocabulary import STANDING
from analytics.remediation.watching import watch_items
from analytics.remediation.working import assign_item, find_cause, make_change, note_on_item
from policies.vocabulary import CodeKind

from .people import person

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

WIKI: Final = "https://wiki.redress.example/"
NIGHTS: Final = (*range(84, 14, -7), *range(14, 0, -1))
"""How many days ago the clock looked: every week, lately every night."""


def fix_things(*, now: datetime) -> None:
    """Let people and the clock speak, oldest first.

    Wrong items are settled: picked by barcode for two months, and the effect test closed the item. Descriptions were
    changed and wait for their test; what is damaged has a closing that somebody else must agree to; the cause of wrong
    bills is found and nothing came of it. What the clock opens itself stays as it found it.
    """
    told: list[tuple[float, Callable[[datetime], object]]] = [(days, _look) for days in NIGHTS]
    told += [(days, told_of) for told_of, days in (*_WRONG_ITEMS, *_DESCRIPTIONS, *_DAMAGED, *_BILLS)]
    for days, speak in sorted(told, key=lambda one: -one[0]):
        speak(now - timedelta(days=days))


def _look(at: datetime) -> None:
    watch_items(at=at)


def _opens(code: str, why: str, *, by: str = "sam", owner: str = "sam") -> Callable[[datetime], object]:
    def speak(at: datetime) -> None:
        standing = RemediationItem.objects.filter(code_kind=CodeKind.REASON, code=code, state__in=STANDING).first()
        item = standing or open_item(kind=CodeKind.REASON, code=code, why=why, actor=person(by), at=at)
        assign_item(item_id=item.pk, owner=person(owner), actor=person(by), at=at + timedelta(minutes=20))

    return speak


def _finds(code: str, hypothesis: str, *, by: str = "sam") -> Callable[[datetime], object]:
    return lambda at: find_cause(item_id=_item(code), hypothesis=hypothesis, actor=person(by), at=at)


def _changes(code: str, change: str, *, page: str, version: str) -> Callable[[datetime], object]:
    def speak(at: datetime) -> None:
        procedure = f"{WIKI}{page}"
        make_change(
            item_id=_item(code), change=change, sop_link=procedure, sop_version=version, actor=person("sam"), at=at
        )

    return speak


def _proposes(code: str, note: str, *, page: str) -> Callable[[datetime], object]:
    def speak(at: datetime) -> None:
        propose_closing(item_id=_item(code), note=note, evidence_link=f"{WIKI}{page}", actor=person("sam"), at=at)

    return speak


def _agrees(code: str, *, by: str) -> Callable[[datetime], object]:
    return lambda at: confirm_closing(item_id=_item(code), actor=person(by), at=at)


def _says(code: str, text: str, *, by: str) -> Callable[[datetime], object]:
    return lambda at: note_on_item(item_id=_item(code), text=text, actor=person(by), at=at)


def _item(code: str) -> UUID:
    return RemediationItem.objects.get(code_kind=CodeKind.REASON, code=code, state__in=STANDING).pk


_WRONG_ITEMS: Final = (
    (_opens("wrong_item", "Every third return of the shops was another article than the one ordered."), 78.0),
    (_finds("wrong_item", "Shelves are picked by sight, and sizes look alike."), 73.0),
    (
        _changes("wrong_item", "Each article is scanned at the shelf and at the table.", page="picking", version="12"),
        62.0,
    ),
    (_proposes("wrong_item", "Since the scanners hardly one a week.", page="picking/october"), 60.8),
    (_agrees("wrong_item", by="mei"), 60.2),
)
_DESCRIPTIONS: Final = (
    (_opens("not_as_described", "The same four articles come back for their colour."), 33.0),
    (_finds("not_as_described", "The photos were taken under warm light."), 30.0),
    (
        _changes("not_as_described", "All four were photographed anew, by daylight.", page="photos", version="3"),
        22.0,
    ),
    (
        _proposes(
            "not_as_described", "The new photos are on all four pages, and on the box.", page="photos/before-after"
        ),
        12.0,
    ),
    (_agrees("not_as_described", by="viktor"), 11.0),
)
_DAMAGED: Final = (
    (_opens("damaged", "Milk jugs and clocks arrive broken, always from the same packing line."), 20.0),
    (_finds("damaged", "The boxes of line 2 have one wall."), 17.5),
    (_changes("damaged", "Double walls on line 2.", page="packing", version="7"), 9.0),
    (_proposes("damaged", "Every box of line 2 has two walls; the drop test is passed.", page="packing/test"), 1.2),
)
_BILLS: Final = (
    (_opens("billing_error", "Customers are charged for seats they had removed.", by="mei", owner="milo"), 13.0),
    (_finds("billing_error", "Seats are counted on the first, removed ones go on the second.", by="milo"), 10.0),
    (_says("billing_error", "The vendor answered: not before the spring release.", by="milo"), 6.0),
)
