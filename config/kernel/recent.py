"""What somebody opened last, by reference only, in her own session on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

KEPT = 8
_NAME = "recent_references"


def remember(session: SessionBase, reference: str) -> None:
    """Put what was opened on top; what is on top already costs nothing."""
    kept = recent_references(session)
    if kept[:1] != [reference]:
        session[_NAME] = [reference, *(other for other in kept if other != reference)][:KEPT]


def recent_references(session: SessionBase) -> list[str]:
    """List what was opened, the last first."""
    return list(session.get(_NAME, []))
