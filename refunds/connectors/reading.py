"""One call to one checked address: bounded in time and size, without redirects; numbers come as Decimal."""

from __future__ import annotations

import json
import re
import time
from decimal import Decimal
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from requests.utils import parse_header_links
from urllib3.exceptions import HTTPError

from refunds.outgoing.addresses import ForbiddenAddress, address_to_call, target_of
from refunds.outgoing.wire import Fuse, connection_to

from .base import OddAnswer, ShopUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS = 5
ALTOGETHER_SECONDS = 15
LARGEST_ANSWER = 2 * 1024 * 1024

MOST_WAITS = 3
LONGEST_WAIT_SECONDS = 5

OK = 200
TOO_MANY = 429
NOT_FOUND = 404
REFUSED = (401, 403)
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
    if status in REFUSED:
        raise ShopUnreachable(f"The shop does not let our access token write ({status}).")
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
        target = target_of(url)
        address = address_to_call(target)
    except ForbiddenAddress as no:
        raise ShopUnreachable(str(no)) from None
    except (OSError, UnicodeError) as error:
        raise ShopUnreachable(f"The name is not known: {type(error).__name__}.") from None
    connection = connection_to(target, address, connect_seconds=CONNECT_SECONDS)
    fuse = Fuse(connection, silence_seconds=ALTOGETHER_SECONDS, altogether_seconds=ALTOGETHER_SECONDS)
    try:
        connection.connect()
        fuse.hold()
        told = {"Host": target.authority, "Accept": "application/json", "User-Agent": "Redress/1", **headers}
        verb = "GET" if raw is None else "POST"
        connection.request(verb, target.path, body=raw, headers=told, preload_content=False, decode_content=False)
        response = connection.getresponse()
        body = response.read(LARGEST_ANSWER + 1)
        if fuse.has_blown:
            # What was cut off may look like what has ended.
            raise TimeoutError
    except (HTTPException, HTTPError, OSError, ValueError) as error:
        late = fuse.has_blown or isinstance(error, TimeoutError)
        why = f"No answer within {ALTOGETHER_SECONDS} seconds" if late else type(error).__name__
        raise ShopUnreachable(f"The shop could not be read: {why}.") from None
    else:
        return response.status, body, response.headers.get("Link", ""), _seconds(response.headers.get("Retry-After"))
    finally:
        fuse.end()
        connection.close()


def _seconds(told: str | None) -> float:
    return float(told) if told and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", told) else 0


def _refuse_constant(name: str) -> None:
    message = f"{name} is no number."
    raise ValueError(message)
