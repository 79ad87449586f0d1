"""What a link of the money trail is, and what it says where something is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Sequence

Value = str | Money | datetime | date


class LinkState(Enum):
    """How a link stands: a word, and the tone in which it is shown."""

    HOLDS = (said("Holds"), "ok")
    BROKEN = (said("Broken"), "bad")
    WAITS = (said("Waits"), "warn")
    LATER = (said("Comes after"), "")
    ENDS = (said("Ends here"), "info")
    ELSEWHERE = (said("Not on this way"), "")
    HIDDEN = (said("Not yours to see"), "")

    @property
    def word(self) -> str:
        """The word for people."""
        return self.value[0]

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return self.value[1]

    @property
    def css(self) -> str:
        """Its name in the stylesheet."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a link knows, perhaps with the page that shows it."""

    label: str
    value: Value
    url: str = ""
    is_code: bool = False

    @property
    def kind(self) -> str:
        """Say how it is printed: money, moment, day, code or text."""
        if isinstance(self.value, Money):
            return "money"
        if isinstance(self.value, datetime):
            return "moment"
        if isinstance(self.value, date):
            return "day"
        return "code" if self.is_code else "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: what it knows; where it does not hold, what is missing and what to do next, a sentence each."""

    title: str
    state: LinkState
    facts: tuple[Fact, ...] = ()
    missing: str = ""
    next_step: str = ""
    next_url: str = ""

    @property
    def is_gap(self) -> bool:
        """Whether the chain is broken here."""
        return self.state is LinkState.BROKEN


@dataclass(frozen=True, slots=True)
class Way:
    """The links of one operation, from the instruction to the signed month."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """Both links that every operation shares, and the way of each operation, the newest first."""

    shared: tuple[Link, ...]
    ways: tuple[Way, ...]

    @property
    def verdict(self) -> Link:
        """The first link that is broken, else the first that waits, else the last one."""
        links = [*self.shared, *(link for way in self.ways for link in way.links)]
        for state in (LinkState.BROKEN, LinkState.WAITS):
            found = next((link for link in links if link.state is state), None)
            if found is not None:
                return found
        return links[-1]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing anywhere."""
        return self.verdict.state not in {LinkState.BROKEN, LinkState.WAITS}


def broken(title: str, missing: str, next_step: str, facts: Sequence[Fact] = (), *, url: str = "") -> Link:
    """Make a link where the chain is broken."""
    return Link(
        title=title, state=LinkState.BROKEN, facts=tuple(facts), missing=missing, next_step=next_step, next_url=url
    )


def waiting(title: str, missing: str, next_step: str, facts: Sequence[Fact] = (), *, url: str = "") -> Link:
    """Make a link that will hold once what is on its way is there."""
    return Link(
        title=title, state=LinkState.WAITS, facts=tuple(facts), missing=missing, next_step=next_step, next_url=url
    )
