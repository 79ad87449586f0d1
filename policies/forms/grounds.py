"""On what ground goods may come back, and the window of each ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said
from policies.vocabulary import LegalBasis, Reason

from .chapter import Chapter, Grid, Row
from .fields import DaysField, pick, tick, word_input
from .windows import BY_REASON, is_set

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.engine.document import PolicyDocument

BY_BASIS = "return_windows.days_by_legal_basis"
BASIS_OF = "return_windows.legal_basis_by_reason"
GROUNDS = {"": "none", **dict(LegalBasis.choices)}
SPARE_ROWS = 2
HOW_LONG = said("Enter a number of days, or tick “no limit”.")


class Grounds(Chapter):
    """The ground of each reason, the window of each ground, and exceptions by product."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for grounds and windows."""
        super().__init__(
            said("Legal grounds"),
            said("A reason with a ground goes by the window of the ground. A grey row has no window of its own."),
        )
        windows = document.return_windows
        reasons = [
            Row(label, [[self._ground(reason, label, windows.legal_basis_by_reason.get(reason, ""))]])
            for reason, label in Reason.choices
        ]
        self.grids.append(Grid(said("Ground of each reason"), [said("Ground")], reasons))
        rows = []
        for basis, label in LegalBasis.choices:
            window = windows.days_by_legal_basis.get(basis)
            name = f"{BY_BASIS}.{basis}"
            cells = self._days(f"{name}.default_days", label, window.default_days if window else None, bool(window))
            rows.append(Row(label, cells, falls_back="" if window else said("as all goods")))
            self.places[name] = f"{name}.default_days"
        self.grids.append(Grid(said("Window of each ground"), [said("Days"), said("Or")], rows))
        products: list[tuple[str, str, int | None]] = [
            (basis, product, days)
            for basis, window in sorted(windows.days_by_legal_basis.items())
            for product, days in sorted(window.days_by_product_category.items())
        ]
        self.row_count = len(products) + SPARE_ROWS
        rows = [self._product(place, *product, is_given=True) for place, product in enumerate(products)]
        rows += [self._product(place, "", "", None, is_given=False) for place in range(len(products), self.row_count)]
        columns = [said("Ground"), said("Category"), said("Days"), said("Or")]
        self.grids.append(Grid(said("By ground and product category"), columns, rows))

    def _ground(self, reason: str, label: str, basis: str) -> str:
        return self.add(
            f"{BASIS_OF}.{reason}", pick(GROUNDS, label=said("{label}: ground", label=label), initial=basis)
        )

    def _days(self, name: str, head: str, days: int | None, is_given: bool) -> list[list[str]]:  # noqa: FBT001 - private
        self.add(name, DaysField(label=said("{head}: days", head=head), initial=days))
        self.add(f"{name}.open", tick(said("no limit"), initial=is_given and days is None))
        return [[name], [f"{name}.open"]]

    def _product(self, place: int, basis: str, product: str, days: int | None, *, is_given: bool) -> Row:
        head, name = said("Ground and product {n}", n=place + 1), f"ground.{place}"
        label = f"{head}: category"
        self.add(f"{name}.basis", pick(GROUNDS | {"": ""}, label=said("{head}: ground", head=head), initial=basis))
        self.add(
            f"{name}.name",
            forms.CharField(label=label, required=False, max_length=60, initial=product, widget=word_input(label)),
        )
        return Row(head, [[f"{name}.basis"], [f"{name}.name"], *self._days(name, head, days, is_given)])

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse windows that are both or neither, half a row, and a reason with two windows."""
        names = [f"{BY_BASIS}.{basis}.default_days" for basis in LegalBasis.values]
        names += [f"ground.{place}" for place in range(self.row_count)]
        problems: list[tuple[str, str]] = [
            (name, said("Enter days or tick “no limit”, not both."))
            for name in names
            if answers.get(name) is not None and answers.get(f"{name}.open")
        ]
        for reason in Reason.values:
            basis = answers.get(f"{BASIS_OF}.{reason}")
            if (
                basis
                and is_set(answers, f"{BY_REASON}.{reason}")
                and is_set(answers, f"{BY_BASIS}.{basis}.default_days")
            ):
                words = LegalBasis(basis).label.lower()
                sentence = said(
                    "The ground of this reason, {words}, has a window too. Keep one of the two.", words=words
                )
                problems.append((f"{BASIS_OF}.{reason}", sentence))
        return problems + self._faulty_products(answers)

    def _faulty_products(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        problems: list[tuple[str, str]] = []
        seen: set[tuple[str, str]] = set()
        for place in range(self.row_count):
            name = f"ground.{place}"
            basis, product = answers.get(f"{name}.basis", ""), answers.get(f"{name}.name", "")
            if not (basis or product or is_set(answers, name)):
                continue
            if not basis:
                problems.append((f"{name}.basis", said("Choose the ground of this window.")))
            if not product:
                problems.append((f"{name}.name", said("Name the product category of this window.")))
            if not is_set(answers, name):
                problems.append((name, HOW_LONG))
            if basis and not is_set(answers, f"{BY_BASIS}.{basis}.default_days"):
                sentence = said(
                    "{how_long} A product below has a window on this ground; say what holds for all others.",
                    how_long=HOW_LONG,
                )
                problems.append((f"{BY_BASIS}.{basis}.default_days", sentence))
            if basis and product and (basis, product) in seen:
                problems.append((f"{name}.name", said("{product} has a window on this ground above.", product=product)))
            seen.add((basis, product))
        return list(dict.fromkeys(problems))

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Add grounds to the windows; None means without limit."""
        bases: dict[str, dict[str, Any]] = {
            basis: {"default_days": answers.get(f"{BY_BASIS}.{basis}.default_days"), "days_by_product_category": {}}
            for basis in LegalBasis.values
            if is_set(answers, f"{BY_BASIS}.{basis}.default_days")
        }
        for place in range(self.row_count):
            basis, product = answers.get(f"ground.{place}.basis"), answers.get(f"ground.{place}.name")
            if basis and product:
                bases[basis]["days_by_product_category"][product] = answers.get(f"ground.{place}")
                self.places[f"{BY_BASIS}.{basis}.days_by_product_category.{product}"] = f"ground.{place}"
        grounds = {reason: answers.get(f"{BASIS_OF}.{reason}") for reason in Reason.values}
        document["return_windows"] |= {
            "days_by_legal_basis": bases,
            "legal_basis_by_reason": {reason: basis for reason, basis in grounds.items() if basis},
        }
