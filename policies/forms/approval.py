"""Who signs, up to which amount, within how many hours: one row a signature."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.money import parse_amount
from policies.engine.amounts import spoken

from .chapter import Chapter, Grid, Row
from .fields import major_words, number_input, pick, tick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policies.engine.document import PolicyDocument
    from policies.engine.parts import Step

SPARE_ROWS = 3
ASKED = ("currency", "up_to", "role", "quorum", "sla_hours", "escalates_to")


class Approval(Chapter):
    """The ladder of signatures. Rows with the same currency and amount sign one after the other."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str], roles: Sequence[str]) -> None:
        """Ask for one signature a row; `roles` are those that may sign."""
        super().__init__(
            "Approval",
            "Each row is one signature. Rows with the same currency and amount sign one after the other. A row without"
            " currency and amount signs everything above and in every other currency. A late signature can go to"
            " another role.",
        )
        rows = list(_signatures(document))
        self.row_count = len(rows) + SPARE_ROWS
        named = [name for _, _, step in rows for name in (step.role, step.escalates_to) if name]
        known = {*roles, *named}
        self._roles = {"": "", **{role: spoken(role) for role in sorted(known)}}
        self._currencies = {"": "any other", **{code: code for code in currencies}}
        for place, (currency, up_to_minor, step) in enumerate(rows):
            self._row(place, currency, up_to_minor, step)
        for place in range(len(rows), self.row_count):
            self._row(place, "", None, None)
        columns = ["Currency", "Up to", "Role", "People", "Hours", "When late", "Remove"]
        lines = [
            Row(f"Signature {place + 1}", [[f"approval.{place}.{name}"] for name in (*ASKED, "remove")])
            for place in range(self.row_count)
        ]
        self.grids.append(Grid("Signatures", columns, lines))

    def _row(self, place: int, currency: str, up_to_minor: int | None, step: Step | None) -> None:
        head, name = f"Signature {place + 1}", f"approval.{place}"
        up_to = "" if up_to_minor is None else major_words(up_to_minor, currency)
        self.add(f"{name}.currency", pick(self._currencies, label=f"{head}: currency", initial=currency))
        # Text, because the currency that says how many decimals it has is the row's other answer.
        self.add(
            f"{name}.up_to",
            forms.CharField(
                label=f"{head}: up to",
                required=False,
                max_length=30,
                initial=up_to,
                widget=number_input(f"{head}: up to"),
            ),
        )
        role = step.role if step is not None else ""
        self.add(f"{name}.role", pick(self._roles, label=f"{head}: role", initial=role))
        for asked, words, value in (
            ("quorum", "people", None if step is None else step.quorum),
            ("sla_hours", "hours", None if step is None else step.sla_hours),
        ):
            label = f"{head}: {words}"
            self.add(
                f"{name}.{asked}",
                forms.IntegerField(label=label, required=False, initial=value, widget=number_input(label)),
            )
        late = (step.escalates_to if step is not None else None) or ""
        self.add(f"{name}.escalates_to", pick(self._roles, label=f"{head}: when late", initial=late))
        self.add(f"{name}.remove", tick("remove"))

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a row, and an amount its currency cannot have."""
        problems = []
        for place in self._filled(answers):
            name = f"approval.{place}"
            currency, up_to = answers.get(f"{name}.currency", ""), answers.get(f"{name}.up_to", "")
            if up_to and not currency:
                problems.append((f"{name}.currency", "Name the currency of this amount."))
            if currency and not up_to:
                problems.append((f"{name}.up_to", "Enter the amount this signature reaches to."))
            if not answers.get(f"{name}.role"):
                problems.append((f"{name}.role", "Name who signs."))
            if answers.get(f"{name}.sla_hours") is None:
                problems.append((f"{name}.sla_hours", "Enter within how many hours."))
            if currency and up_to:
                try:
                    parse_amount(up_to, currency)
                except ValueError as problem:
                    problems.append((f"{name}.up_to", str(problem)))
        is_closed = any(
            not answers.get(f"approval.{place}.currency") and not answers.get(f"approval.{place}.up_to")
            for place in self._filled(answers)
        )
        if not is_closed:
            sentence = "Name who signs everything above and in every other currency: a row without currency and amount."
            problems.append((f"approval.{self.row_count - 1}.role", sentence))
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write tiers in climbing order; each keeps the order of its rows."""
        tiers: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        otherwise: list[int] = []
        for place in self._filled(answers):
            currency, up_to = answers.get(f"approval.{place}.currency"), answers.get(f"approval.{place}.up_to")
            if currency and up_to:
                tiers[currency][parse_amount(up_to, currency)].append(place)
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
            step = {}
            for asked in ("role", "quorum", "sla_hours", "escalates_to"):
                self.places[f"{path}.{number}.{asked}"] = f"approval.{place}.{asked}"
                answer = answers.get(f"approval.{place}.{asked}")
                if answer not in {None, ""}:
                    step[asked] = answer
            steps.append(step)
        return steps

    def _filled(self, answers: Mapping[str, Any]) -> list[int]:
        return [
            place
            for place in range(self.row_count)
            if not answers.get(f"approval.{place}.remove")
            and any(answers.get(f"approval.{place}.{name}") not in {None, ""} for name in ASKED)
        ]


def _signatures(document: PolicyDocument) -> Iterator[tuple[str, int | None, Step]]:
    for currency, ladder in sorted(document.approval.tiers.items()):
        for tier in ladder:
            for step in tier.steps:
                yield currency, tier.up_to_minor, step
    for step in document.approval.otherwise:
        yield "", None, step
