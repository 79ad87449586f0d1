"""Bands per category and currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.vocabulary import Category
from config.kernel.money import known_currency
from config.kernel.wording import said
from policies.engine.parts import DEFAULT, Threshold

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import AmountField, major_words, word_input

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.document import PolicyDocument

from django import forms

BANDS = {"auto_up_to_minor": said("automatic up to"), "approve_up_to_minor": said("with approval up to")}
NEW_CURRENCY = "thresholds.new_currency"
ROWS = {DEFAULT: said("All other categories"), **dict(Category.choices)}


class Thresholds(Chapter):
    """A grid for each currency; a category without bands of its own goes by the last row."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for both limits of every category in every currency."""
        super().__init__(
            said("Thresholds"),
            said(
                "Amounts in whole units of the currency, such as {whole} or {part}. Above the second amount a "
                "request is blocked. A grey row has no amounts of its own and goes by “All other categories”.",
                whole=50,
                part=Decimal("49.99"),
            ),
        )
        self.currencies = currencies
        for currency in currencies:
            rows = [self._row(document, key, label, currency) for key, label in ROWS.items()]
            self.grids.append(
                Grid(currency, [said("Automatic up to"), said("With approval up to")], [*rows[1:], rows[0]])
            )
        label = said("Add a currency (three letters)")
        self.plain.append(
            self.add(NEW_CURRENCY, forms.CharField(label=label, required=False, max_length=3, widget=word_input(label)))
        )
        self.places = {"thresholds": f"thresholds.{DEFAULT}.{currencies[0]}.auto_up_to_minor"}

    def _row(self, document: PolicyDocument, key: str, label: str, currency: str) -> Row:
        own = document.thresholds.get(key, {}).get(currency)
        names = []
        for band, words in BANDS.items():
            field = AmountField(
                currency, label=f"{label}, {currency}: {words}", initial=None if own is None else getattr(own, band)
            )
            default = document.thresholds.get(DEFAULT, {}).get(currency)
            if own is None and default is not None:
                field.widget.attrs["placeholder"] = major_words(getattr(default, band), currency)
            names.append(self.add(f"thresholds.{key}.{currency}.{band}", field))
        is_grey = own is None and key != DEFAULT
        return Row(label, [[name] for name in names], falls_back=said("as all others") if is_grey else "")

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse what is no currency."""
        code = answers.get(NEW_CURRENCY, "").upper()
        if code and not known_currency(code):
            return [(NEW_CURRENCY, said("{code} is not an ISO 4217 currency.", code=code))]
        return []

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the bands that were given; a new currency starts with nothing automatic and everything blocked."""
        bands: dict[str, dict[str, Any]] = {}
        for key in ROWS:
            for currency in self.currencies:
                given = without_blanks({band: answers.get(f"thresholds.{key}.{currency}.{band}") for band in BANDS})
                if given:
                    bands.setdefault(key, {})[currency] = given
        code = answers.get(NEW_CURRENCY, "").upper()
        if code:
            nothing = Threshold(auto_up_to_minor=0, approve_up_to_minor=0)
            bands.setdefault(DEFAULT, {}).setdefault(code, nothing.model_dump())
        document["thresholds"] = bands
