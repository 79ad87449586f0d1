"""Evidence, exceptions and the signs of risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.kernel.wording import said
from policies.engine.amounts import spoken
from policies.engine.parts import EXCEPTABLE
from policies.engine.words import EvidenceKind
from policies.vocabulary import Reason

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import AmountField, DaysField, ManyField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.document import PolicyDocument

KINDS = {str(kind): spoken(kind) for kind in EvidenceKind}
REASONS = dict(Reason.choices)


class Evidence(Chapter):
    """What must be attached above an amount."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for kinds and amounts by reason."""
        super().__init__(
            said("Evidence"),
            said("A request above the amount waits until the evidence is attached. A grey row asks for none."),
        )
        self.currencies = currencies
        rows = []
        for reason, label in REASONS.items():
            demand = document.evidence.get(reason)
            kinds = ManyField(
                KINDS, label=said("{label}: evidence", label=label), initial=() if demand is None else demand.kinds
            )
            cells = [[self.add(f"evidence.{reason}.kinds", kinds)]]
            for currency in currencies:
                above = AmountField(
                    currency,
                    label=said("{label}: above, in {currency}", label=label, currency=currency),
                    initial=None if demand is None else demand.above_minor.get(currency),
                )
                cells.append([self.add(f"evidence.{reason}.above_minor.{currency}", above)])
            rows.append(Row(label, cells, falls_back="none" if demand is None else ""))
            self.places[f"evidence.{reason}.above_minor"] = f"evidence.{reason}.above_minor.{currencies[0]}"
        self.grids.append(
            Grid(said("By reason"), [said("Evidence"), *[said("Above {code}", code=code) for code in currencies]], rows)
        )

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a demand."""
        problems: list[tuple[str, str]] = []
        for reason in REASONS:
            name = f"evidence.{reason}"
            limits = [f"{name}.above_minor.{code}" for code in self.currencies]
            is_asked = bool(answers.get(f"{name}.kinds"))
            is_limited = any(answers.get(limit) is not None for limit in limits)
            if is_asked and not is_limited:
                problems.append((limits[0], said("Enter the amount above which this is asked for.")))
            if is_limited and not is_asked:
                problems.append((f"{name}.kinds", said("Tick what is asked for above the amount.")))
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write a demand for each reason with a tick or an amount."""
        demands = {}
        for reason in REASONS:
            kinds = answers.get(f"evidence.{reason}.kinds")
            above = without_blanks(
                {code: answers.get(f"evidence.{reason}.above_minor.{code}") for code in self.currencies}
            )
            if kinds or above:
                demands[reason] = {"kinds": kinds, "above_minor": above}
        document["evidence"] = demands


class Exceptions(Chapter):
    """Which codes a reviewer may set a rule aside with."""

    def __init__(self, document: PolicyDocument, codes: Mapping[str, str]) -> None:
        """Ask for the codes of each rule; `codes` maps a code to its label."""
        super().__init__(said("Exceptions"), said("A rule without a code cannot be set aside."))
        for rule in EXCEPTABLE:
            allowed = document.exception_codes.get(rule, frozenset())
            choices = {**codes, **{code: code for code in sorted(allowed - codes.keys())}}
            name = f"exception_codes.{rule}"
            label = said("The rule “{rule}” may be set aside for", rule=spoken(rule))
            self.plain.append(self.add(name, ManyField(choices, label=label, initial=allowed)))

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the codes of each rule that has any."""
        chosen = {str(rule): answers.get(f"exception_codes.{rule}") for rule in EXCEPTABLE}
        document["exception_codes"] = {rule: codes for rule, codes in chosen.items() if codes}


class Risk(Chapter):
    """What makes a request worth a closer look."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for the hints."""
        super().__init__(
            said("Signs of risk"),
            said("They show how closely to look and may bring another signature in; they never change an outcome."),
        )
        self.currencies = currencies
        hints = document.risk
        self.plain = [
            self.add("risk.reasons", ManyField(REASONS, label=said("High risk: the reasons"), initial=hints.reasons)),
            self.add(
                "risk.new_customer_days",
                DaysField(label=said("A customer for less than (days)"), initial=hints.new_customer_days),
            ),
            *[
                self.add(
                    f"risk.large_above_minor.{currency}",
                    AmountField(
                        currency,
                        label=said("More than ({currency})", currency=currency),
                        initial=hints.large_above_minor.get(currency),
                    ),
                )
                for currency in currencies
            ],
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the hints; no days means that no customer is new."""
        document["risk"] = {
            "reasons": answers.get("risk.reasons"),
            "new_customer_days": answers.get("risk.new_customer_days") or 0,
            "large_above_minor": without_blanks(
                {code: answers.get(f"risk.large_above_minor.{code}") for code in self.currencies}
            ),
        }
