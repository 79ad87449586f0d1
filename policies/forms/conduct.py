"""Sums, limits over a window, and customers nobody knows yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said
from policies.engine.amounts import day_words
from policies.engine.conduct import MOST_LIMITS, WINDOWS_DAYS
from policies.engine.words import Outcome, Per

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import AmountField, DaysField, ShareField, number_input, pick, tick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.conduct import VelocityLimit
    from policies.engine.document import PolicyDocument

SPARE_ROWS = 2
MOST_REQUESTS = 100_000
DAYS = {"": "", **{str(days): day_words(days) for days in WINDOWS_DAYS}}
NOT_ADDED = DAYS | {"": said("not added")}
WHOSE: dict[str, str] = {
    "": "",
    Per.CUSTOMER: said("each customer"),
    Per.CHARGE: said("each charge"),
    Per.AGENT: said("each agent"),
}
ABOVE: dict[str, str] = {
    Outcome.REQUIRE_APPROVAL: said("a person decides"),
    Outcome.EXCEPTION: said("only as an exception"),
    Outcome.BLOCK: "blocked",
}


class Sums(Chapter):
    """What is added to an amount before it is judged."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for the three sums."""
        super().__init__(
            said("Sums"),
            said(
                "Amounts that belong together are judged by their sum, so splitting does not help. The largest counts."
            ),
        )
        sums = document.sums
        self.plain = [
            self.add(
                "sums.same_charge", tick(said("Add what went back on the same purchase"), initial=sums.same_charge)
            ),
            *[
                self.add(f"sums.{name}", pick(NOT_ADDED, label=label, initial=str(days or "")))
                for name, label, days in (
                    ("customer_days", said("Add what the same customer asked for within"), sums.customer_days),
                    ("agent_days", said("Add what the same agent entered within"), sums.agent_days),
                )
            ],
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the sums; a blank window adds nothing."""
        document["sums"] = {
            "same_charge": bool(answers.get("sums.same_charge")),
            "customer_days": days_of(answers.get("sums.customer_days")),
            "agent_days": days_of(answers.get("sums.agent_days")),
        }


class Velocity(Chapter):
    """How often and how much may go back within a window: one limit a row."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for the limits, with room for more."""
        super().__init__(
            said("Limits over time"),
            said(
                "Each row limits how often, how much, or what share of the purchases goes back within a "
                "window, this one"
                " included. A blank column limits nothing."
            ),
        )
        self.currencies = currencies
        limits: list[VelocityLimit | None] = list(document.velocity)
        self.row_count = min(len(limits) + SPARE_ROWS, MOST_LIMITS)
        limits += [None] * (self.row_count - len(limits))
        rows = [self._row(place, limit) for place, limit in enumerate(limits)]
        amounts = [said("Most {currency}", currency=currency) for currency in currencies]
        columns = [
            said("Counted for"),
            said("Within"),
            said("Most requests"),
            *amounts,
            said("Most % of purchases"),
            said("Above it"),
            said("Remove"),
        ]
        self.grids.append(Grid(said("Limits"), columns, rows))
        self.places = {"velocity": "limit.0.per"}

    def _row(self, place: int, limit: VelocityLimit | None) -> Row:
        head, name = said("Limit {n}", n=place + 1), f"limit.{place}"
        count_label = said("{head}: most requests", head=head)
        count = forms.IntegerField(
            label=count_label,
            required=False,
            min_value=0,
            max_value=MOST_REQUESTS,
            error_messages={"min_value": "Must be 0 or more.", "max_value": f"Must be {MOST_REQUESTS} or less."},
            initial=limit.most_count if limit else None,
            widget=number_input(count_label),
        )
        share = ShareField(
            label=said("{head}: most percent of purchases", head=head),
            initial=limit.most_share_basis_points if limit else None,
        )
        names = [
            self.add(
                f"{name}.per",
                pick(WHOSE, label=said("{head}: counted for", head=head), initial=limit.per if limit else ""),
            ),
            self.add(
                f"{name}.window_days",
                pick(DAYS, label=said("{head}: within", head=head), initial=str(limit.window_days) if limit else ""),
            ),
            self.add(f"{name}.most_count", count),
            *[
                self.add(
                    f"{name}.most_minor.{currency}",
                    AmountField(
                        currency,
                        label=said("{head}: most {currency}", head=head, currency=currency),
                        initial=limit.most_minor.get(currency) if limit else None,
                    ),
                )
                for currency in self.currencies
            ],
            self.add(f"{name}.most_share_basis_points", share),
            self.add(
                f"{name}.outcome",
                pick(
                    ABOVE,
                    label=said("{head}: above it", head=head),
                    initial=limit.outcome if limit else Outcome.REQUIRE_APPROVAL,
                    is_required=True,
                ),
            ),
            self.add(f"{name}.remove", tick("remove")),
        ]
        return Row(head, [[field] for field in names])

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a limit, and two that count the same."""
        problems: list[tuple[str, str]] = []
        seen = set()
        for place in self._filled(answers):
            name = f"limit.{place}"
            if not answers.get(f"{name}.per"):
                problems.append((f"{name}.per", said("Say for whom this is counted.")))
            if not answers.get(f"{name}.window_days"):
                problems.append((f"{name}.window_days", said("Choose within how many days this is counted.")))
            if not any(_is_said(answers.get(limit)) for limit in self._limits(place)):
                problems.append((f"{name}.most_count", said("Limit a number, an amount or a share.")))
            key = tuple(answers.get(f"{name}.{asked}") for asked in ("per", "window_days", "outcome"))
            if all(key) and key in seen:
                problems.append(
                    (f"{name}.per", said("A limit above counts the same with the same outcome; make them one."))
                )
            seen.add(key)
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the rows that were filled in, in their order."""
        limits: list[dict[str, Any]] = []
        for place in self._filled(answers):
            name, path = f"limit.{place}", f"velocity.{len(limits)}"
            self.places[path] = f"{name}.per"
            for asked in self._limits(place):
                self.places[asked.replace(name, path, 1)] = asked
            most = {code: answers.get(f"{name}.most_minor.{code}") for code in self.currencies}
            limits.append(
                {
                    "per": answers.get(f"{name}.per"),
                    "window_days": days_of(answers.get(f"{name}.window_days")),
                    "most_count": answers.get(f"{name}.most_count"),
                    "most_minor": without_blanks(most),
                    "most_share_basis_points": answers.get(f"{name}.most_share_basis_points"),
                    "outcome": answers.get(f"{name}.outcome"),
                }
            )
        document["velocity"] = limits

    def _limits(self, place: int) -> list[str]:
        amounts = [f"most_minor.{code}" for code in self.currencies]
        return [f"limit.{place}.{asked}" for asked in ("most_count", *amounts, "most_share_basis_points")]

    def _filled(self, answers: Mapping[str, Any]) -> list[int]:
        return [
            place
            for place in range(self.row_count)
            if not answers.get(f"limit.{place}.remove")
            and any(
                _is_said(answers.get(name))
                for name in (f"limit.{place}.per", f"limit.{place}.window_days", *self._limits(place))
            )
        ]


class Tenure(Chapter):
    """How much is automatic for a customer who is new."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for the days, and the amounts that are automatic before them."""
        super().__init__(
            said("New customers"),
            said(
                "A customer for less than so many days gets nothing automatic above these amounts; blank is "
                "nothing at all."
                " Leave the days blank to treat all customers alike."
            ),
        )
        self.currencies = currencies
        rule = document.tenure
        days = DaysField(label=said("A customer for less than (days)"), initial=rule.minimum_days if rule else None)
        self.plain = [
            self.add("tenure.minimum_days", days),
            *[
                self.add(
                    f"tenure.auto_up_to_minor.{currency}",
                    AmountField(
                        currency,
                        label=said("Automatic for new customers up to ({currency})", currency=currency),
                        initial=rule.auto_up_to_minor.get(currency) if rule else None,
                    ),
                )
                for currency in currencies
            ],
        ]

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse amounts without days."""
        if self._amounts(answers) and answers.get("tenure.minimum_days") is None:
            return [("tenure.minimum_days", said("Enter for how many days a customer is new, or empty the amounts."))]
        return []

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the rule, or that there is none."""
        days = answers.get("tenure.minimum_days")
        rule = {"minimum_days": days, "auto_up_to_minor": self._amounts(answers)}
        document["tenure"] = None if days is None else rule

    def _amounts(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        return without_blanks({code: answers.get(f"tenure.auto_up_to_minor.{code}") for code in self.currencies})


def days_of(answer: object) -> int | None:
    """Read a chosen window; blank is None."""
    return int(str(answer)) if answer else None


def _is_said(answer: object) -> bool:
    return answer not in {None, ""}
