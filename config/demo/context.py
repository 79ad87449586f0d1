"""What the demo adds to the frame of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .people import PERSONAS

if TYPE_CHECKING:
    from django.http import HttpRequest


def personas(request: HttpRequest) -> dict[str, Any]:
    """Offer the people to switch to; asks the database nothing."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {}
    return {
        "personas": [
            {
                "username": persona.username,
                "name": f"{persona.username.capitalize()} {persona.last_name}",
                "role": persona.title,
                "waiting": "",
                "current": persona.username == user.get_username(),
            }
            for persona in PERSONAS
        ]
    }
