"""One POST to one checked address: bounded in time and size, without redirects, proxies or a second look-up."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.ssl_match_hostname import CertificateError

from refunds.models.webhook_delivery import LONGEST_EXCERPT

from .addresses import ForbiddenAddress, address_to_call, target_of
from .vocabulary import CallOutcome
from .wire import Fuse, connection_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from urllib3.response import BaseHTTPResponse

    from .addresses import Resolver

CONNECT_SECONDS = 5
SILENCE_SECONDS = 10
ALTOGETHER_SECONDS = 15
"""However slowly a server drips, it does not hold us longer than this."""

MOST_BYTES = 16 * 1024
"""Read of an answer at most; of an answer that is no yes a short excerpt is kept."""

GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call; `retry_after_seconds` is what the server asked for."""

    outcome: CallOutcome
    status: int | None = None
    excerpt: str = ""
    retry_after_seconds: int = 0


def call(*, url: str, body: bytes, headers: Mapping[str, str], at: datetime, resolve: Resolver | None = None) -> Answer:
    """Send and answer what came of it; whatever a stranger's server does, nothing is raised."""
    try:
        target = target_of(url)
        address = address_to_call(target, resolve=resolve)
    except ForbiddenAddress as no:
        return Answer(CallOutcome.FORBIDDEN, excerpt=_short(str(no)))
    except (OSError, UnicodeError) as error:
        return Answer(CallOutcome.UNREACHABLE, excerpt=_short(f"The name is not known: {type(error).__name__}."))
    connection = connection_to(target, address, connect_seconds=CONNECT_SECONDS)
    fuse = Fuse(connection, silence_seconds=SILENCE_SECONDS, altogether_seconds=ALTOGETHER_SECONDS)
    try:
        connection.connect()
        fuse.hold()
        connection.request(
            "POST",
            target.path,
            body=body,
            headers={"Host": target.authority, **headers},
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        if fuse.has_blown:
            # A head that was cut off looks like one that ended.
            raise TimeoutError
        return _read(response, at)
    except (HTTPException, HTTPError, OSError, ValueError) as error:
        return _what_went_wrong(error, has_blown=fuse.has_blown)
    finally:
        fuse.end()
        connection.close()


def _read(response: BaseHTTPResponse, at: datetime) -> Answer:
    """Judge by the status alone; what follows is read a little, so that the server can end in peace."""
    status = response.status
    is_yes = 200 <= status < 300  # noqa: PLR2004 - what HTTP calls success
    try:
        said = response.read(MOST_BYTES)
    except (HTTPException, HTTPError, OSError, ValueError):
        said = b""
    if is_yes:
        return Answer(CallOutcome.DELIVERED, status)
    outcome = CallOutcome.GONE if status == GONE else CallOutcome.ANSWERED
    if 300 <= status < 400:  # noqa: PLR2004 - what HTTP calls a redirect
        outcome = CallOutcome.REDIRECTED
    wait = _seconds_in(response.headers.get("Retry-After", ""), at)
    return Answer(outcome, status, _short(said.decode("utf-8", "replace")), wait)


def _what_went_wrong(error: Exception, *, has_blown: bool) -> Answer:
    is_refused = isinstance(error, NewConnectionError)
    if has_blown or (isinstance(error, TimeoutError | ConnectTimeoutError) and not is_refused):
        return Answer(CallOutcome.TIMED_OUT, excerpt=f"No answer within {ALTOGETHER_SECONDS} seconds.")
    if isinstance(error, ssl.SSLCertVerificationError | CertificateError):
        return Answer(CallOutcome.UNTRUSTED, excerpt="Its certificate is not good for its name.")
    if isinstance(error, OSError | HTTPError) and not isinstance(error, HTTPException):
        return Answer(CallOutcome.UNREACHABLE, excerpt=_short(f"{type(error).__name__}."))
    return Answer(CallOutcome.UNREADABLE, excerpt=_short(f"{type(error).__name__}."))


def _short(text: str) -> str:
    """Keep the beginning, on one line and printable."""
    return "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST_EXCERPT * 4]).strip()[
        :LONGEST_EXCERPT
    ]


def _seconds_in(text: str, at: datetime) -> int:
    """Read `Retry-After` in either form; zero for anything else."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return int(text[:9])
    try:
        return max(int((parsedate_to_datetime(text) - at).total_seconds()), 0)
    except (TypeError, ValueError, OverflowError):
        return 0
