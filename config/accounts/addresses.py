"""Where a call comes from, as far as our own proxies vouch for it."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

IPV6: Final = 6
NOWHERE: Final = "0.0.0.0"  # noqa: S104 - said of who connects by no network; nothing listens there


def address_of(request: HttpRequest) -> str:
    """Tell where a call comes from: the address our own proxies add, else whoever connected.

    What cannot be an address is not believed.
    """
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    told = named[-count] if 0 < count <= len(named) else ""
    return address_in(told) or address_in(str(request.META.get("REMOTE_ADDR", ""))) or NOWHERE


def address_in(word: str) -> str:
    """Read an address, with or without the port that some proxies add; empty for anything else."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(word))
    with suppress(ValueError):
        return str(ipaddress.ip_address(urlsplit(f"//{word}").hostname or ""))
    return ""


def neighbourhood(address: str) -> str:
    """Name whose tries are counted together: who has one address of IPv6 has the 2^64 beside it."""
    found = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == IPV6 else str(found)
