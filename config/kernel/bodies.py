"""What callers of the API may write: exact names, whole numbers, times with a zone, text that can be stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from .money import LARGEST_MINOR, known_currency
from .refusals import Refused

if TYPE_CHECKING:
    from datetime import datetime

LARGEST_COUNT = 2**31 - 1
"""The end of an integer column."""

MOST_PER_PAGE = 200


class JsonBody(BaseParser):
    """JSON in UTF-8, as RFC 8259 demands, whatever charset the header names."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        """Read the body.

        :raises ParseError: for anything that is no JSON, NaN, bottomless nesting and a name told twice included
        """
        try:
            return json.loads(
                stream.read().decode(), parse_constant=_refuse_constant, object_pairs_hook=_each_name_once
            )
        except RecursionError:
            message = "This JSON is nested too deeply."
            raise ParseError(message) from None
        except ValueError as error:
            message = f"This is not JSON in UTF-8: {error}."
            raise ParseError(message) from None


class FileBody(MultiPartParser):
    """A form with files."""


class ExactSerializer(serializers.Serializer[Any]):
    """A body or a query that refuses names it does not know, so that a slip of the pen is heard."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the body after checking its names; report every fault at once."""
        unknown = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **_unknown(unknown)}) from None
            raise
        if unknown:
            raise serializers.ValidationError(_unknown(unknown))
        return value


class NoBody(ExactSerializer):
    """A verb that needs no words."""


class WordField(serializers.CharField):
    """Text that is text: a number is not taken for its digits."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse everything but a string."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Send a string.", code="invalid")
        return str(super().to_internal_value(data))


class FlagField(serializers.BooleanField):
    """A truth value, never a word for one."""

    def to_internal_value(self, data: Any) -> bool:
        """Refuse everything but true and false."""
        if not isinstance(data, bool):
            raise serializers.ValidationError("Send true or false.", code="invalid")
        return data


class CountField(serializers.IntegerField):
    """A whole JSON number that fits its column, never a string, a decimal or a truth value."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the number by its column unless told otherwise."""
        kwargs.setdefault("min_value", -LARGEST_COUNT)
        kwargs.setdefault("max_value", LARGEST_COUNT)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Refuse everything but an integer."""
        if type(data) is not int:
            raise serializers.ValidationError("Send a whole number.", code="invalid")
        return data


class MinorField(CountField):
    """An amount in minor units."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the amount far below the edge of a 64-bit column."""
        kwargs.setdefault("min_value", -LARGEST_MINOR)
        kwargs.setdefault("max_value", LARGEST_MINOR)
        super().__init__(**kwargs)


class CurrencyField(WordField):
    """An ISO 4217 code in capitals."""

    def to_internal_value(self, data: Any) -> str:
        """Refuse what is no currency, in the words of the domain."""
        code = super().to_internal_value(data)
        if not known_currency(code):
            raise Refused("unknown_currency", f"There is no currency “{code}”.", self.field_name or "currency")
        return code


class MomentField(serializers.DateTimeField):
    """A time by RFC 3339; without its zone it is refused instead of guessed."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a time without a zone."""
        if timezone.is_naive(value):
            raise serializers.ValidationError("Send a time with its zone: 2026-01-31T09:00:00Z.", code="invalid")
        return super().enforce_timezone(value)


class MomentQuery(serializers.DateTimeField):
    """A point in time in a query; without a zone it is UTC."""

    def to_internal_value(self, value: Any) -> Any:
        """Read it, also when nobody escaped the plus sign of its zone."""
        return super().to_internal_value(value.replace(" ", "+") if "T" in value else value)


class PageQuery(ExactSerializer):
    """What every list may be asked for."""

    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of another page.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MOST_PER_PAGE)


def _unknown(names: list[Any]) -> dict[str, serializers.ErrorDetail]:
    return {str(name): serializers.ErrorDetail("This field is not known here.", code="unknown_field") for name in names}


def _refuse_constant(name: str) -> float:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its names. Of an amount told twice one reader takes the first, another the last."""
    known = dict(pairs)
    if len(known) < len(pairs):
        message = "an object names something twice"
        raise ValueError(message)
    return known
