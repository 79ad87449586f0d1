"""What a shadow report is asked for in its address, and the words it answers in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import urlencode

from approvals.vocabulary import Category
from config.kernel.money import known_currency
from config.kernel.web import day_in
from config.kernel.wording import said
from policies.agreement import Agreement, People
from policies.shadow import UNKNOWN, Watch, usual_window
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from policies.models import Policy, PolicyVersion

WOULD = {
    Outcome.ALLOW.value: said("Would allow"),
    Outcome.REQUIRE_APPROVAL.value: said("Would ask for approval"),
    Outcome.EXCEPTION.value: said("Would refer (exception)"),
    Outcome.BLOCK.value: said("Would block"),
}
IN_FORCE = {**{outcome.value: outcome.label for outcome in Outcome}, UNKNOWN: said("Not known")}
WORDS = {
    "outcome": Outcome.values,
    "people": People.values,
    "agreement": Agreement.values,
    "category": Category.values,
    "in_force": [*Outcome.values, UNKNOWN],
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where rows are listed: the page and the days."""

    page: str
    days: Mapping[str, str]

    def of(self, **words: str) -> str:
        """Name the address of some of the rows."""
        return f"{self.page}?{urlencode({**self.days, **{name: word for name, word in words.items() if word}})}"


def watch_of(query: Mapping[str, str], policy: Policy, version: PolicyVersion | None, today: date) -> Watch:
    """Read the address; a word that means nothing narrows nothing."""
    from_on, to_on = usual_window(today, day_in(query.get("from", "")), day_in(query.get("to", "")))
    words = {name: word for name, known in WORDS.items() if (word := query.get(name, "")) in known}
    currency = query.get("currency", "")
    return Watch(
        policy=policy,
        version=version,
        from_on=from_on,
        to_on=to_on,
        day=day_in(query.get("day", "")),
        currency=currency if known_currency(currency) else "",
        **words,
    )


def days_of(watch: Watch) -> dict[str, str]:
    """Say as words of an address which days are looked at."""
    return {"from": watch.from_on.isoformat(), "to": watch.to_on.isoformat()}


def words_of(watch: Watch) -> dict[str, str]:
    """Say as words of an address what the rows are narrowed to."""
    words = {name: str(getattr(watch, name)) for name in (*WORDS, "currency")}
    return {**words, "day": watch.day.isoformat() if watch.day else ""}


def narrowing_of(watch: Watch) -> list[str]:
    """Say in words what the rows are narrowed to."""
    labels: dict[str, Mapping[str, str]] = {
        "outcome": WOULD,
        "people": dict(People.choices),
        "agreement": dict(Agreement.choices),
        "category": dict(Category.choices),
        "in_force": {word: said("In force said: {label}", label=label) for word, label in IN_FORCE.items()},
    }
    told = [known[word] for name, known in labels.items() if (word := getattr(watch, name))]
    return [*told, *([watch.currency] if watch.currency else []), *([f"{watch.day:%d %b %Y}"] if watch.day else [])]
