"""One call to one checked address whose answer is read: bounded in time and size, without redirects and proxies."""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple

from urllib3.exceptions import HTTPError

from .addresses import address_to_call, target_of
from .wire import Fuse, connection_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .addresses import Reach

CONNECT_SECONDS = 5


class Exchanged(NamedTuple):
    """What came back; `headers` are read without regard to case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class NoAnswer(Exception):
    """Nothing that can be read came in time; carries why, in a word or two."""


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    most_bytes: int,
    seconds: float,
    reach: Reach | None = None,
) -> Exchanged:
    """Call and answer what came; of a longer body one byte more than `most_bytes`, and nothing after it.

    :raises ForbiddenAddress: for an address that may not be called
    :raises NoAnswer: for a name that is not known, a time-out, and whatever is no HTTP
    """
    target = target_of(url, reach=reach)
    try:
        address = address_to_call(target, reach=reach)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"The name is not known: {type(error).__name__}") from None
    connection = connection_to(target, address, connect_seconds=min(CONNECT_SECONDS, seconds))
    fuse = Fuse(connection, silence_seconds=seconds, altogether_seconds=seconds)
    try:
        connection.connect()
        fuse.hold()
        told = {"Host": target.authority, "Accept": "application/json", "User-Agent": "Redress/1", **headers}
        connection.request(method, target.path, body=body, headers=told, preload_content=False, decode_content=False)
        response = connection.getresponse()
        answered = response.read(most_bytes + 1)
        if fuse.has_blown:
            # What was cut off may look like what has ended.
            raise TimeoutError
    except (HTTPException, HTTPError, OSError, ValueError) as error:
        is_late = fuse.has_blown or isinstance(error, TimeoutError)
        raise NoAnswer(f"No answer within {seconds:g} seconds" if is_late else type(error).__name__) from None
    else:
        return Exchanged(response.status, answered, response.headers)
    finally:
        fuse.end()
        connection.close()
