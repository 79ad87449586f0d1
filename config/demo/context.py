"""What the demo adds to the frame of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .door import ARE_SHOWN, FIRST_MINUTES
from .first_tasks import guide_for
from .people import PERSONAS

if TYPE_CHECKING:
    from django.http import HttpRequest


def personas(request: HttpRequest) -> dict[str, Any]:
    """Offer the people to switch to, and the first task; the database is asked by the page that shows the task."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {}
    is_led = request.session.get(FIRST_MINUTES) == ARE_SHOWN
    return {
        "first_minutes": SimpleLazyObject(lambda: guide_for(user, at=timezone.now())) if is_led else None,
        "personas": [
            {
                "username": persona.username,
                "name": f"{persona.username.capitalize()} {persona.last_name}",
                "role": persona.title,
                "waiting": "",
                "current": persona.username == user.get_username(),
            }
            for persona in PERSONAS
        ],
    }
