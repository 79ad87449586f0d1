"""Every address of the resolver, under the name the access table knows it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, get_resolver

if TYPE_CHECKING:
    from collections.abc import Iterator


def patterns(resolver: Any = None, namespace: str = "", route: str = "") -> Iterator[tuple[str, str, Any]]:
    """Walk through name, route and view of every address; one without a name goes by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or here}", here, pattern.callback
        else:
            below = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern, below, here)


def names() -> set[str]:
    """Name every address once."""
    return {name for name, _, _ in patterns()}
