"""One call to one checked address: bounded in time and size, without redirects; numbers come as Decimal."""

from __future__ import annotations

import json
import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from requests.utils import parse_header_links

from refunds.outgoing.addresses import ForbiddenAddress
from refunds.outgoing.exchanging import NoAnswer, exchange

from .base import OddAnswer, ShopUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

ALTOGETHER_SECONDS = 15
LARGEST_ANSWER = 2 * 1024 * 1024

MOST_WAITS = 3
LONGEST_WAIT_SECONDS = 5

OK = 200
TOO_MANY = 429
NOT_FOUND = 404
FORBIDDEN = 403
REFUSED = (401, FORBIDDEN)
WRITTEN = (200, 201)
UNWANTED = (400, 404, 406, 409, 422)


def read_json(*, url: str, headers: Mapping[str, str]) -> Any | None:
    """Read an object; None when it is not there.

    :raises ShopUnreachable: for every answer that may be another one later, a refused token included
    :raises OddAnswer: for what is no JSON, or too much
    """
    return read_page(url=url, headers=headers)[0]


def read_page(*, url: str, headers: Mapping[str, str]) -> tuple[Any | None, str]:
    """Read an object, and the address of the next page if there is one.

    :raises ShopUnreachable: as above
    :raises OddAnswer: as above
    """
    status, body, links = _patiently(url, headers)
    if status == NOT_FOUND:
        return None, ""
    if status in REFUSED:
        raise ShopUnreachable(f"The shop does not accept our access token ({status}).")
    if status != OK:
        raise ShopUnreachable(f"The shop answered {status}.")
    told = _json(body)
    following = next((link["url"] for link in parse_header_links(links) if link.get("rel") == "next"), "")
    return told, following


def write_json(*, url: str, headers: Mapping[str, str], body: Any) -> Any:
    """Post an object; answers what the shop made of it.

    :raises ShopUnreachable: whether it was written or not: ask before it is written again
    :raises OddAnswer: when the shop refused it, in which case nothing was written
    """
    raw = json.dumps(body).encode()
    status, answer, _ = _patiently(url, {"Content-Type": "application/json", **headers}, raw)
    if status == FORBIDDEN:
        # Reading goes on: a token that may not write is a person's to change, and no reason to leave the shop in peace.
        raise OddAnswer(f"The shop does not let our access token write ({status}).")
    if status in UNWANTED:
        raise OddAnswer(f"The shop refused to write the refund down ({status}).")
    if status not in WRITTEN:
        raise ShopUnreachable(f"The shop answered {status}.")
    return _json(answer)


def _json(body: bytes) -> Any:
    if len(body) > LARGEST_ANSWER:
        raise OddAnswer("The shop's answer is too long.")
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise OddAnswer("The shop's answer is no JSON.") from None


def _patiently(url: str, headers: Mapping[str, str], raw: bytes | None = None) -> tuple[int, bytes, str]:
    """Ask, and where the shop says in how many seconds it has the time, ask again then."""
    for _ in range(MOST_WAITS):
        status, body, links, wait = _call(url, headers, raw)
        if status != TOO_MANY or not 0 < wait <= LONGEST_WAIT_SECONDS:
            break
        time.sleep(wait)
    return status, body, links


def _call(url: str, headers: Mapping[str, str], raw: bytes | None) -> tuple[int, bytes, str, float]:
    try:
        status, body, told = exchange(
            "GET" if raw is None else "POST",
            url,
            headers=headers,
            body=raw,
            most_bytes=LARGEST_ANSWER,
            seconds=ALTOGETHER_SECONDS,
        )
    except ForbiddenAddress as no:
        raise ShopUnreachable(str(no)) from None
    except NoAnswer as no:
        raise ShopUnreachable(f"The shop could not be read: {no}.") from None
    return status, body, told.get("Link", ""), _seconds(told.get("Retry-After"))


def _seconds(told: str | None) -> float:
    return float(told) if told and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", told) else 0


def _refuse_constant(name: str) -> None:
    message = f"{name} is no number."
    raise ValueError(message)
