"""What somebody asked to see of the queue: every wish lives in the address, and is read from it here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.http import urlencode

from config.kernel.money import known_currency
from config.kernel.typed import read_amount
from config.kernel.web import NUL, moment_in, uuid_in
from config.kernel.wording import said, said_as

from .vocabulary import Category, Risk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

TABS = {
    "mine": said("My authority"),
    "soon": said("Due in 1 h"),
    "exceptions": said("Exceptions"),
    "low": said("Low risk"),
    "claimed": said("Claimed by me"),
    "asked": said("Asked of me"),
    "lent": said("For others"),
    "snoozed": said("Snoozed"),
    "all": said("All teams of mine"),
}
WISHES = {
    "q": "customer",
    "team": "team",
    "category": "category",
    "currency": "currency",
    "from": "amount_from",
    "to": "amount_to",
    "reason": "reason",
    "code": "code",
    "risk": "risk",
    "agent": "agent",
}
"""The names in the address, and the fields they fill."""

LABELS = {
    "q": said("Customer or reference"),
    "team": said("Team"),
    "category": said("Category"),
    "currency": said("Currency"),
    "from": said_as("amount", "From"),
    "to": said("Up to"),
    "reason": said("Reason"),
    "code": said("Code"),
    "risk": said("Risk"),
    "agent": said("Entered by"),
}
LONGEST_WISH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What the viewer asked to see; amounts are as typed, in whole units of `currency`, and need one."""

    tab: str = "mine"
    customer: str = ""
    team: str = ""
    category: str = ""
    currency: str = ""
    amount_from: str = ""
    amount_to: str = ""
    reason: str = ""
    code: str = ""
    risk: str = ""
    agent: str = ""
    after_due_at: datetime | None = None
    after_id: UUID | None = None

    @property
    def least_minor(self) -> int | None:
        """The smallest amount asked for, in minor units."""
        return _minor(self.amount_from, self.currency)

    @property
    def most_minor(self) -> int | None:
        """The largest amount asked for, in minor units."""
        return _minor(self.amount_to, self.currency)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the tab narrows it."""
        return any(True for _ in self.wishes())

    def wishes(self) -> Iterator[tuple[str, str]]:
        """List what narrows it, by its name in the address."""
        for name, field in WISHES.items():
            if value := getattr(self, field):
                yield name, value

    def query(self, *, without: str = "") -> str:
        """Write the address of this view from its beginning, leaving one wish out."""
        kept = [(name, value) for name, value in self.wishes() if name != without]
        return urlencode([("view", self.tab), *kept])

    def chips(self) -> list[dict[str, str]]:
        """List the wishes as chips: what each says, and the address without it."""
        words = {"category": dict(Category.choices), "risk": dict(Risk.choices)}
        return [
            {"label": LABELS[name], "value": words.get(name, {}).get(value, value), "without": self.query(without=name)}
            for name, value in self.wishes()
        ]

    def whole(self) -> QueueView:
        """Answer the same view from its beginning."""
        return replace(self, after_due_at=None, after_id=None)


def view_from(query: Mapping[str, str]) -> QueueView:
    """Read the address; what cannot be read is left out."""
    tab = query.get("view", "")
    # An address within an address is not looked at for what no text column keeps.
    wishes = {field: query.get(name, "").replace(NUL, "").strip()[:LONGEST_WISH] for name, field in WISHES.items()}
    wishes["currency"] = wishes["currency"] if known_currency(wishes["currency"]) else ""
    for field in ("amount_from", "amount_to"):
        if _minor(wishes[field], wishes["currency"]) is None:
            wishes[field] = ""
    return QueueView(
        tab=tab if tab in TABS else "mine",
        after_due_at=moment_in(query.get("after", "")),
        after_id=uuid_in(query.get("after_id", "")),
        **wishes,
    )


def _minor(amount: str, currency: str) -> int | None:
    if not amount or not currency:
        return None
    try:
        return read_amount(amount, currency)
    except ValueError:
        return None
