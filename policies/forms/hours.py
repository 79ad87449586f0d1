"""When somebody could look."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said
from policies.engine.conduct import MOST_HOLIDAYS, MOST_SPANS, minutes_of

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import AmountField, ClockField, ManyField, tick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.conduct import Span
    from policies.engine.document import PolicyDocument

SPARE_ROWS = 2
WEEKDAYS = {
    "1": said("Mon"),
    "2": said("Tue"),
    "3": said("Wed"),
    "4": said("Thu"),
    "5": said("Fri"),
    "6": said("Sat"),
    "7": said("Sun"),
}
CLOSED_ON = "business_hours.closed_on"
AUTO = "business_hours.auto_up_to_minor"
DAY_LENGTH = 12


class Hours(Chapter):
    """Opening hours by weekday, days that are closed, and what is automatic outside them."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for spans, with room for more."""
        super().__init__(
            said("Business hours"),
            said(
                "By the clock of the team. Outside these hours only the amounts below are automatic; blank "
                "is nothing at"
                " all. Without any hours every hour is alike."
            ),
        )
        self.currencies = currencies
        hours = document.business_hours
        spans: list[Span | None] = list(hours.spans) if hours else []
        self.row_count = min(len(spans) + SPARE_ROWS, MOST_SPANS)
        spans += [None] * (self.row_count - len(spans))
        columns = [said("Weekdays"), said("Opens"), said("Closes"), said("Remove")]
        self.grids.append(Grid(said("Open"), columns, [self._row(place, span) for place, span in enumerate(spans)]))
        closed = "\n".join(sorted(hours.closed_on)) if hours else ""
        self.plain = [
            self.add(
                CLOSED_ON,
                forms.CharField(
                    label=said("Closed all day, one date a line, such as 2026-12-25"),
                    required=False,
                    max_length=MOST_HOLIDAYS * DAY_LENGTH,
                    initial=closed,
                    widget=forms.Textarea(attrs={"rows": 3}),
                ),
            ),
            *[
                self.add(
                    f"{AUTO}.{currency}",
                    AmountField(
                        currency,
                        label=said("Automatic outside business hours up to ({currency})", currency=currency),
                        initial=hours.auto_up_to_minor.get(currency) if hours else None,
                    ),
                )
                for currency in currencies
            ],
        ]
        self.places = {"business_hours": "span.0.weekdays"}

    def _row(self, place: int, span: Span | None) -> Row:
        head, name = said("Hours {n}", n=place + 1), f"span.{place}"
        ticked = [str(day) for day in span.weekdays] if span else []
        names = [
            self.add(
                f"{name}.weekdays", ManyField(WEEKDAYS, label=said("{head}: weekdays", head=head), initial=ticked)
            ),
            self.add(
                f"{name}.opens", ClockField(label=said("{head}: opens", head=head), initial=span.opens if span else "")
            ),
            self.add(
                f"{name}.closes",
                ClockField(label=said("{head}: closes", head=head), initial=span.closes if span else ""),
            ),
            self.add(f"{name}.remove", tick("remove")),
        ]
        return Row(head, [[field] for field in names])

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a span, spans that overlap, what is no day, and amounts without hours."""
        filled = self._filled(answers)
        problems: list[tuple[str, str]] = [
            (f"span.{place}.{asked}", sentence)
            for place in filled
            for asked, sentence in _NEEDED.items()
            if not answers.get(f"span.{place}.{asked}")
        ]
        if not problems:
            problems = [
                (f"span.{later}.opens", said("Overlaps with hours {n} above.", n=earlier + 1))
                for earlier, later in combinations(filled, 2)
                if _overlap(self._span(answers, earlier), self._span(answers, later))
            ]
        unreadable = [line for line in _lines(answers) if _day(line) is None]
        if unreadable:
            problems.append((CLOSED_ON, said("“{typed}” is not a date such as 2026-12-25.", typed=unreadable[0])))
        if not filled and (self._amounts(answers) or _lines(answers)):
            sentence = said("Name the hours of at least one weekday, or empty the closed days and amounts below.")
            problems.append(("span.0.weekdays", sentence))
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the hours, or that there are none."""
        spans: list[dict[str, Any]] = []
        for place in self._filled(answers):
            self.places[f"business_hours.spans.{len(spans)}"] = f"span.{place}.weekdays"
            for asked in _NEEDED:
                self.places[f"business_hours.spans.{len(spans)}.{asked}"] = f"span.{place}.{asked}"
            spans.append(self._span(answers, place))
        closed = {day.isoformat() for line in _lines(answers) if (day := _day(line))}
        hours = {"spans": spans, "closed_on": sorted(closed), "auto_up_to_minor": self._amounts(answers)}
        document["business_hours"] = hours if spans else None

    def _span(self, answers: Mapping[str, Any], place: int) -> dict[str, Any]:
        return {
            "weekdays": [int(day) for day in answers[f"span.{place}.weekdays"]],
            "opens": answers[f"span.{place}.opens"],
            "closes": answers[f"span.{place}.closes"],
        }

    def _amounts(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return without_blanks({code: answers.get(f"{AUTO}.{code}") for code in self.currencies})

    def _filled(self, answers: Mapping[str, Any]) -> list[int]:
        return [
            place
            for place in range(self.row_count)
            if not answers.get(f"span.{place}.remove") and any(answers.get(f"span.{place}.{name}") for name in _NEEDED)
        ]


_NEEDED = {
    "weekdays": said("Tick at least one weekday."),
    "opens": said("Enter when these hours begin."),
    "closes": said("Enter when these hours end."),
}


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (
        bool({*one["weekdays"]} & {*other["weekdays"]})
        and minutes_of(one["opens"]) < minutes_of(other["closes"])
        and minutes_of(other["opens"]) < minutes_of(one["closes"])
    )


def _lines(answers: Mapping[str, Any]) -> list[str]:
    return [line.strip() for line in str(answers.get(CLOSED_ON) or "").splitlines() if line.strip()]


def _day(line: str) -> date | None:
    try:
        return date.fromisoformat(line)
    except ValueError:
        return None
