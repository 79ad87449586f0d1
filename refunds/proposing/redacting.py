"""Take out of a text what says who somebody is, before it leaves the house.

Rather too much than too little: whatever has five digits goes, whether or not it is a number of a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refunds.models import Customer

SHORTEST_NAME = 2

_AFTER_A_NUMBER = (
    r"street|st\.|road|rd\.?|avenue|ave\.?|lane|ln\.?|drive|dr\.|close|court|crescent|gardens|terrace|way|square|place|"
    r"rue|boulevard|via|calle|plaza"
)
_BEFORE_A_NUMBER = r"stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|rue|boulevard|via|calle|plaza"

_PATTERNS = (
    (re.compile(r"\S+@\S+"), "[e-mail]"),
    (re.compile(r"(?i)\b(?:https?://|www\.)\S+"), "[link]"),
    (re.compile(r"(?i)\b[a-z]{2}\d{2}(?:[ ]?[a-z0-9]{4}){3,7}(?:[ ]?[a-z0-9]{1,3})?\b"), "[account]"),
    (re.compile(r"\+?\d(?:[\s().\-/]*\d){4,}"), "[number]"),
    (re.compile(rf"(?i)\b\d+[a-z]?,?\s+(?:[\w'\u2019.-]+\s+){{0,3}}?(?:{_AFTER_A_NUMBER})(?!\w)"), "[address]"),
    (re.compile(rf"(?i)\b[\w'\u2019-]*(?:{_BEFORE_A_NUMBER})\s+\d+\s?[a-z]?\b"), "[address]"),
    (re.compile(r"(?i)\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b"), "[postcode]"),
    (
        re.compile(
            r"(?i:\b(?:my name is|i am called|mr\.?|mrs\.?|ms\.?|miss|dr\.?|herr|frau|dear|regards,?|sincerely,?))"
            r"\s+[A-Z][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+){0,2}"
        ),
        "[name]",
    ),
)


def redacted(text: str, customer: Customer | None) -> str:
    """Answer a text without addresses, numbers, links and the names we know of the customer."""
    for pattern, left in _PATTERNS:
        text = pattern.sub(left, text)
    for word in _names_of(customer):
        text = re.sub(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", "[name]", text)
    return text


def _names_of(customer: Customer | None) -> list[str]:
    """List the words of a name, and the one before the sign of an address, the longest first."""
    if customer is None:
        return []
    words = {word.strip(".,") for word in customer.name.split()} | {customer.email.partition("@")[0]}
    words |= {customer.external_id}
    return sorted((word for word in words if len(word) >= SHORTEST_NAME), key=len, reverse=True)
