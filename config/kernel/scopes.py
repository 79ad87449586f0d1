"""Scopes: what a token opens of what its bearer may do, by area of the API and by reading or writing.

A scope is an area, the first word of an address below `/api/v1/`, and `read` or `write`: `refund-requests:read`.
Writing includes reading. A token without scopes opens everything its bearer may do.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.urls import URLPattern, URLResolver, get_resolver

from .refusals import NotPermitted
from .wording import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_framework.request import Request

    from .tokens import ApiToken

READ, WRITE = "read", "write"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ROOTS = ("api/v1/", "api/")


@cache
def areas() -> tuple[str, ...]:
    """Name every area of the API, in alphabetical order; read from the addresses that are served."""
    return tuple(sorted({area for route in _routes(get_resolver()) if (area := area_of(route))}))


def every_scope() -> tuple[str, ...]:
    """Name every scope there is."""
    return tuple(f"{area}:{word}" for area in areas() for word in (READ, WRITE))


def area_of(route: str) -> str:
    """Name the area of an address as it is written in the URL conf; empty for what is no part of the API."""
    root = next((root for root in ROOTS if route.startswith(root)), None)
    area = route.removeprefix(root).partition("/")[0] if root else ""
    return "" if area in {"schema", "docs"} or not area.replace("-", "").isalpha() else area


def scope_needed(request: Request) -> str:
    """Name the scope that a call needs; empty where there is none to need."""
    match = request._request.resolver_match  # noqa: SLF001 - the framework keeps the address there alone
    area = area_of(match.route) if match is not None else ""
    return f"{area}:{READ if request.method in READING else WRITE}" if area else ""


def check_scope(token: ApiToken, request: Request) -> None:
    """Refuse what the token was not issued for.

    :raises NotPermitted: naming the scope that is missing
    """
    needed = scope_needed(request)
    if not token.scopes or not needed:
        return
    area = needed.partition(":")[0]
    if needed not in token.scopes and f"{area}:{WRITE}" not in token.scopes:
        raise NotPermitted("not_permitted", said("This token was not issued for “{needed}”.", needed=needed))


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            if any(route.startswith(root) or root.startswith(route) for root in ROOTS):
                yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route
