"""Stripe's form bodies: `metadata[operation_id]=7` read as nested words, and checked against what an address takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from refunds.gateways.sandbox.problems import refuse
from refunds.gateways.units import UnsupportedAmount, stripe_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

Params = dict[str, Any]

MOST_FIELDS = 200
LARGEST_AMOUNT = 999_999_999_999
MOST_METADATA = 50
LONGEST_METADATA_NAME = 40
LONGEST_METADATA_VALUE = 500
LARGEST_PAGE = 100
_USUAL_PAGE = 10

_PATH = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def parse_form(raw: bytes) -> Params:
    """Read a form body or a query string.

    :raises Problem: when it is no such thing
    """
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as unreadable:
        refuse("parameter_unknown", f"Invalid request: {unreadable}", "")
    params: Params = {}
    for name, value in pairs:
        _put(params, name, value)
    return params


def _put(params: Params, name: str, value: str) -> None:
    path = _PATH.fullmatch(name)
    if not path:
        refuse("parameter_unknown", f"Received unknown parameter: {name}", name)
    steps = [path[1], *re.findall(r"\[([^\[\]]*)\]", path[2])]
    place = params
    for step in steps[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            refuse("parameter_invalid", f"Invalid hash: {name}", name)
    place[steps[-1]] = value


def only(params: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse parameters that the address does not know.

    :raises Problem:
    """
    for name in params:
        if name not in known:
            refuse("parameter_unknown", f"Received unknown parameter: {name}", name)


def whole_number(value: Any, param: str, *, least: int = 1, most: int = LARGEST_AMOUNT) -> int:
    """Read a whole number within bounds.

    :raises Problem:
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        refuse("parameter_invalid_integer", f"Invalid integer: {value}", param)
    number = int(text)
    if number < least:
        refuse("parameter_invalid_integer", f"This value must be greater than or equal to {least}.", param)
    if number > most:
        refuse("parameter_invalid_integer", f"This value must be less than or equal to {most}.", param)
    return number


def words(value: Any, param: str) -> dict[str, str]:
    """Read metadata within Stripe's bounds.

    :raises Problem:
    """
    if value in ("", None):
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        refuse("parameter_invalid", "Invalid hash", param)
    if len(value) > MOST_METADATA:
        refuse("parameter_invalid", f"You can only specify up to {MOST_METADATA} metadata keys.", param)
    for name, text in value.items():
        if len(name) > LONGEST_METADATA_NAME or len(text) > LONGEST_METADATA_VALUE:
            refuse("parameter_invalid_string_too_long", f"Metadata {name[:40]!r} is too long.", param)
    return {name: text for name, text in value.items() if text}


def page_size(params: Mapping[str, Any]) -> int:
    """Read how many a list should show.

    :raises Problem:
    """
    return whole_number(params.get("limit", _USUAL_PAGE), "limit", most=LARGEST_PAGE)


def one_text(value: Any, param: str) -> str:
    """Read a plain text.

    :raises Problem:
    """
    if not isinstance(value, str) or not value:
        refuse("parameter_invalid_empty", f"You passed an empty string for '{param}'.", param)
    return value


def currency_code(value: Any) -> str:
    """Read a currency that Stripe offers, in small letters.

    :raises Problem:
    """
    code = one_text(value, "currency")
    try:
        stripe_digits(code.upper())
    except UnsupportedAmount:
        refuse("parameter_invalid", f"Invalid currency: {code[:10]}", "currency")
    return code.lower()
