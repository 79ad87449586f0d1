"""Inputs for amounts, shares and choices; each reads what a person typed as the document keeps it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from config.kernel.money import LARGEST_MINOR, Money
from config.kernel.typed import plain_number, read_amount, typed_amount, typed_number
from config.kernel.wording import said, told, why_no_amount
from policies.engine.amounts import amount_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BASIS_POINTS = 2
"""Decimals of a share in percent."""
WHOLE_BASIS_POINTS = 10_000
CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)|24[:.]00")


class AmountField(forms.CharField):
    """An amount in major units; answers minor units, None when blank."""

    def __init__(self, currency: str, *, label: str, initial: int | None = None) -> None:
        """Read amounts of one currency."""
        self.currency = currency
        super().__init__(
            label=label, required=False, max_length=30, widget=number_input(label), initial=initial, empty_value=""
        )

    def prepare_value(self, value: object) -> object:
        """Show minor units as people write them; leave what was typed alone."""
        return major_words(value, self.currency) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Parse exactly.

        :raises ValidationError: for what is no amount, or has more decimals than the currency
        """
        text = super().to_python(value)
        if not text:
            return None
        try:
            minor = read_amount(text, self.currency)
        except ValueError as problem:
            raise ValidationError(told(why_no_amount(problem))) from None
        if minor < 0:
            raise ValidationError(told(said("Must be 0 or more.")))
        if minor > LARGEST_MINOR:
            raise ValidationError(
                told(said("Must be {most} or less.", most=amount_words(LARGEST_MINOR, self.currency)))
            )
        return minor

    def run_validators(self, value: Any) -> None:
        """Ask nothing of a number; the engine checks it."""


class ShareField(forms.CharField):
    """A share in percent; answers basis points, None when blank."""

    def __init__(self, *, label: str, initial: int | None = None) -> None:
        """Read shares up to two decimals."""
        super().__init__(
            label=label, required=False, max_length=10, widget=number_input(label), initial=initial, empty_value=""
        )

    def prepare_value(self, value: object) -> object:
        """Show basis points as percent."""
        return typed_number(Decimal(value).scaleb(-BASIS_POINTS).normalize()) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """Parse exactly.

        :raises ValidationError: for what is no share of two decimals
        """
        text = str(super().to_python(value)).removesuffix("%").strip()
        if not text:
            return None
        try:
            points = Decimal(plain_number(text)).scaleb(BASIS_POINTS)
        except InvalidOperation:
            raise ValidationError(
                told(said("Enter a percentage such as {whole} or {part}.", whole=15, part=Decimal("12.5")))
            ) from None
        if not points.is_finite() or points != points.to_integral_value():
            raise ValidationError(told(said("Enter a percentage with at most two decimals.")))
        if not 0 <= points <= WHOLE_BASIS_POINTS:
            raise ValidationError(told(said("Enter a percentage from 0 to 100.")))
        return int(points)

    def run_validators(self, value: Any) -> None:
        """Ask nothing of a number; the engine checks it."""


class DaysField(forms.IntegerField):
    """Whole days; None when blank."""

    def __init__(self, *, label: str, initial: int | None = None) -> None:
        """Read days."""
        super().__init__(label=label, required=False, initial=initial, widget=number_input(label))


class ClockField(forms.CharField):
    """A time of the day; answers `09:30`, empty when blank. A day ends at 24:00."""

    def __init__(self, *, label: str, initial: str = "") -> None:
        """Read a time."""
        widget = forms.TextInput(
            attrs={"aria-label": label, "autocomplete": "off", "class": "rd-clock", "placeholder": "09:30"}
        )
        super().__init__(label=label, required=False, max_length=5, widget=widget, initial=initial)

    def to_python(self, value: Any) -> str:
        """Read `9:30` as `09:30`.

        :raises ValidationError: for what is no time
        """
        text = str(super().to_python(value) or "")
        if text and not CLOCK.fullmatch(text):
            raise ValidationError(told(said("Enter a time such as 09:30.")))
        return text.replace(".", ":").zfill(5) if text else ""


class ManyField(forms.MultipleChoiceField):
    """Any of a closed list, as checkboxes."""

    def __init__(self, choices: Mapping[str, str], *, label: str, initial: Iterable[str] = (), hint: str = "") -> None:
        """Offer the words of a list."""
        super().__init__(
            choices=list(choices.items()),
            label=label,
            required=False,
            initial=sorted(initial),
            help_text=hint,
            widget=forms.CheckboxSelectMultiple,
        )


def number_input(label: str) -> forms.TextInput:
    """Make a short input that carries its own name, since a column's head is not a label."""
    return forms.TextInput(
        attrs={"aria-label": label, "inputmode": "decimal", "autocomplete": "off", "class": "rd-number"}
    )


def word_input(label: str) -> forms.TextInput:
    """Make an input for a word that carries its own name."""
    return forms.TextInput(attrs={"aria-label": label, "autocomplete": "off", "class": "rd-word"})


def tick(label: str, *, initial: bool = False) -> forms.BooleanField:
    """Make a checkbox that may stay empty."""
    return forms.BooleanField(label=label, required=False, initial=initial)


def pick(choices: Mapping[str, str], *, label: str, initial: str = "", is_required: bool = False) -> forms.ChoiceField:
    """Make a choice of one word that carries its own name."""
    return forms.ChoiceField(
        choices=list(choices.items()),
        label=label,
        initial=initial,
        required=is_required,
        widget=forms.Select(attrs={"aria-label": label}),
    )


def major_words(minor: int, currency: str) -> str:
    """Write minor units as the reader types them: 1240.50."""
    return typed_amount(Money(minor, currency))
