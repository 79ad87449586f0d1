"""Days in which goods may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said
from policies.vocabulary import Reason

from .chapter import Chapter, Grid, Row
from .fields import DaysField, tick, word_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.engine.document import PolicyDocument

DEFAULT_DAYS = "return_windows.default_days"
BY_REASON = "return_windows.days_by_reason"
BY_PRODUCT = "return_windows.days_by_product_category"
SPARE_ROWS = 2
COLUMNS = [said("Days"), said("Or")]


class Windows(Chapter):
    """One window for all goods, others by reason and by product; the reason's goes first."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for days, or that there is no limit."""
        super().__init__(
            said("Return windows"),
            said(
                "A grey row has no window of its own. The window of the reason goes before the window of the product."
            ),
        )
        windows = document.return_windows
        everything = self._row(DEFAULT_DAYS, said("All goods"), windows.default_days, is_set=True)
        self.grids.append(Grid(said("All goods"), COLUMNS, [everything]))
        reasons = [
            self._row(
                f"{BY_REASON}.{reason}",
                label,
                windows.days_by_reason.get(reason),
                is_set=reason in windows.days_by_reason,
            )
            for reason, label in Reason.choices
        ]
        self.grids.append(Grid(said("By reason"), COLUMNS, reasons))
        products: list[tuple[str, int | None]] = sorted(windows.days_by_product_category.items())
        self.product_rows = len(products) + SPARE_ROWS
        for place, (product, days) in enumerate(products):
            self._product(place, product, days, is_set=True)
        for place in range(len(products), self.product_rows):
            self._product(place, "", None, is_set=False)
        rows = [
            Row(
                said("Product {n}", n=place + 1),
                [[f"product.{place}.name"], [f"product.{place}"], [f"product.{place}.open"]],
            )
            for place in range(self.product_rows)
        ]
        self.grids.append(Grid(said("By product category"), [said("Category"), *COLUMNS], rows))

    def _row(self, name: str, label: str, days: int | None, *, is_set: bool) -> Row:
        self.add(name, DaysField(label=said("{label}: days", label=label), initial=days))
        self.add(f"{name}.open", tick(said("no limit"), initial=is_set and days is None))
        return Row(label, [[name], [f"{name}.open"]], falls_back="" if is_set else said("as all goods"))

    def _product(self, place: int, product: str, days: int | None, *, is_set: bool) -> None:
        label = said("Product {n}: category", n=place + 1)
        self.add(
            f"product.{place}.name",
            forms.CharField(label=label, required=False, max_length=60, initial=product, widget=word_input(label)),
        )
        self._row(f"product.{place}", said("Product {n}", n=place + 1), days, is_set=is_set)

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse a window that is both or neither."""
        names = [DEFAULT_DAYS, *[f"{BY_REASON}.{reason}" for reason in Reason.values]]
        names += [f"product.{place}" for place in range(self.product_rows)]
        problems: list[tuple[str, str]] = [
            (name, said("Enter days or tick “no limit”, not both."))
            for name in names
            if answers.get(name) is not None and answers.get(f"{name}.open")
        ]
        if answers.get(DEFAULT_DAYS) is None and not answers.get(f"{DEFAULT_DAYS}.open"):
            problems.append((DEFAULT_DAYS, said("Enter a number of days, or tick “no limit”.")))
        seen: set[str] = set()
        for place in range(self.product_rows):
            product, has_window = answers.get(f"product.{place}.name", ""), is_set(answers, f"product.{place}")
            if has_window and not product:
                problems.append((f"product.{place}.name", said("Name the product category of this window.")))
            if product and not has_window:
                problems.append((f"product.{place}", said("Enter a number of days, or tick “no limit”.")))
            if product and product in seen:
                problems.append((f"product.{place}.name", said("{product} has a window above.", product=product)))
            seen.add(product)
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the windows that were given; None means without limit."""
        by_reason = {
            reason: answers.get(f"{BY_REASON}.{reason}")
            for reason in Reason.values
            if is_set(answers, f"{BY_REASON}.{reason}")
        }
        by_product = {}
        for place in range(self.product_rows):
            product = answers.get(f"product.{place}.name", "")
            if product:
                by_product[product] = answers.get(f"product.{place}")
                self.places[f"{BY_PRODUCT}.{product}"] = f"product.{place}"
        document["return_windows"] = {
            "default_days": answers.get(DEFAULT_DAYS),
            "days_by_reason": by_reason,
            "days_by_product_category": by_product,
        }


def is_set(answers: Mapping[str, Any], name: str) -> bool:
    """Tell whether a window was given: days, or that there is no limit."""
    return answers.get(name) is not None or bool(answers.get(f"{name}.open"))
