"""Who signs, up to which amount, within how many hours: one row a signature."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.typed import read_amount
from config.kernel.wording import said, why_no_amount

from .chapter import Chapter, Grid, Row
from .fields import major_words, number_input, pick, tick
from .signature import ASKED, COLUMNS, ask_signature, mistakes_in_signature, roles_named, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policies.engine.document import PolicyDocument
    from policies.engine.signatures import Step

SPARE_ROWS = 3
ANSWERED = ("currency", "up_to", *ASKED)


class Approval(Chapter):
    """The ladder of signatures. Rows with the same currency and amount sign one after the other."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str], roles: Sequence[str]) -> None:
        """Ask for one signature a row; `roles` are those that may sign."""
        super().__init__(
            said("Approval"),
            said(
                "Each row is one signature. Rows with the same currency and amount sign one after the other, "
                "or together."
                " A row without currency and amount signs everything above and in every other currency. "
                "With “out of” so"
                " many vote, and a no ends it only when too few can still agree. A late signature can go to "
                "another role."
            ),
        )
        rows = list(_signatures(document))
        self.row_count = len(rows) + SPARE_ROWS
        self._roles = roles_named(roles, [step for *_, step in rows])
        self._currencies = {"": said("any other"), **{code: code for code in currencies}}
        for place, (currency, up_to_minor, step) in enumerate(rows):
            self._row(place, currency, up_to_minor, step)
        for place in range(len(rows), self.row_count):
            self._row(place, "", None, None)
        columns = [said("Currency"), said("Up to"), *COLUMNS, said("Remove")]
        lines = [
            Row(said("Signature {n}", n=place + 1), [[f"approval.{place}.{name}"] for name in (*ANSWERED, "remove")])
            for place in range(self.row_count)
        ]
        self.grids.append(Grid(said("Signatures"), columns, lines))

    def _row(self, place: int, currency: str, up_to_minor: int | None, step: Step | None) -> None:
        head, name = said("Signature {n}", n=place + 1), f"approval.{place}"
        up_to = "" if up_to_minor is None else major_words(up_to_minor, currency)
        self.add(
            f"{name}.currency", pick(self._currencies, label=said("{head}: currency", head=head), initial=currency)
        )
        # Text, because the currency that says how many decimals it has is the row's other answer.
        self.add(
            f"{name}.up_to",
            forms.CharField(
                label=said("{head}: up to", head=head),
                required=False,
                max_length=30,
                initial=up_to,
                widget=number_input(said("{head}: up to", head=head)),
            ),
        )
        ask_signature(self, name, head, self._roles, step)
        self.add(f"{name}.remove", tick("remove"))

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a row, and an amount its currency cannot have."""
        problems: list[tuple[str, str]] = []
        for place in self._filled(answers):
            name = f"approval.{place}"
            currency, up_to = answers.get(f"{name}.currency", ""), answers.get(f"{name}.up_to", "")
            if up_to and not currency:
                problems.append((f"{name}.currency", said("Name the currency of this amount.")))
            if currency and not up_to:
                problems.append((f"{name}.up_to", said("Enter the amount this signature reaches to.")))
            problems += mistakes_in_signature(answers, name)
            if currency and up_to:
                try:
                    read_amount(up_to, currency)
                except ValueError as problem:
                    problems.append((f"{name}.up_to", why_no_amount(problem)))
        is_closed = any(
            not answers.get(f"approval.{place}.currency") and not answers.get(f"approval.{place}.up_to")
            for place in self._filled(answers)
        )
        if not is_closed:
            sentence = said(
                "Name who signs everything above and in every other currency: a row without currency and amount."
            )
            problems.append((f"approval.{self.row_count - 1}.role", sentence))
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write tiers in climbing order; each keeps the order of its rows."""
        tiers: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        otherwise: list[int] = []
        for place in self._filled(answers):
            currency, up_to = answers.get(f"approval.{place}.currency"), answers.get(f"approval.{place}.up_to")
            if currency and up_to:
                tiers[currency][read_amount(up_to, currency)].append(place)
            else:
                otherwise.append(place)
        ladders = {}
        for currency, by_limit in tiers.items():
            ladders[currency] = [
                {
                    "up_to_minor": limit,
                    "steps": self._steps(f"approval.tiers.{currency}.{level}.steps", by_limit[limit], answers),
                }
                for level, limit in enumerate(sorted(by_limit))
            ]
            for level, limit in enumerate(sorted(by_limit)):
                self.places[f"approval.tiers.{currency}.{level}"] = f"approval.{by_limit[limit][0]}.up_to"
        self.places["approval"] = f"approval.{self.row_count - 1}.role"
        document["approval"] = {
            "tiers": ladders,
            "otherwise": self._steps("approval.otherwise", otherwise, answers),
        }

    def _steps(self, path: str, places: list[int], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
        steps = []
        for number, place in enumerate(places):
            self.places[f"{path}.{number}"] = f"approval.{place}.role"
            for asked in ASKED:
                self.places[f"{path}.{number}.{asked}"] = f"approval.{place}.{asked}"
            steps.append(signature_of(answers, f"approval.{place}"))
        if steps and steps[0].get("is_parallel"):
            self.places[path] = f"approval.{places[0]}.is_parallel"
        return steps

    def _filled(self, answers: Mapping[str, Any]) -> list[int]:
        return [
            place
            for place in range(self.row_count)
            if not answers.get(f"approval.{place}.remove")
            and any(answers.get(f"approval.{place}.{name}") not in {None, ""} for name in ANSWERED)
        ]


def _signatures(document: PolicyDocument) -> Iterator[tuple[str, int | None, Step]]:
    for currency, ladder in sorted(document.approval.tiers.items()):
        for tier in ladder:
            for step in tier.steps:
                yield currency, tier.up_to_minor, step
    for step in document.approval.otherwise:
        yield "", None, step
