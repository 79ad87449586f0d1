"""Visit all processors in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

logger = structlog.get_logger(__name__)


class Visit(Protocol):
    """One sweep of one gateway."""

    __name__: str

    def __call__(self, *, gateway: str, at: datetime) -> int:
        """Sweep."""


def visit_each(gateways: Iterable[str], visit: Visit) -> None:
    """Pay this visit to each gateway; what they answer to questions is the visit's own affair."""
    for gateway in gateways:
        try:
            visit(gateway=gateway, at=timezone.now())
        except Exception:
            # One gateway that is broken must not keep all others waiting.
            logger.exception("gateway.cannot_be_visited", gateway=gateway, visit=visit.__name__)
