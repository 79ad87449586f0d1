"""In which language a page speaks, and on whose clock: as its reader chose, else as her browser and the portal do."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from config.kernel.printing import language_tag
from config.time_zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

FOR_MACHINES: Final = (
    "/api/",
    "/webhooks/",
    "/mcp",
    "/.well-known/",
    "/llms.txt",
    "/metrics",
    "/healthz",
    "/readyz",
    "/csp-reports",
)
"""What programs read is English, whatever they ask for."""


class Speaks:
    """Makes a page speak its reader's language on her clock, and whatever a program reads English in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views, behind whoever knows who asks."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in that language, and say which it is."""
        is_for_machines = request.path_info.startswith(FOR_MACHINES)
        language = settings.LANGUAGE_CODE if is_for_machines else language_of(request)
        zone = UTC if is_for_machines else zone_of(getattr(request.user, "preferences", None))
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language_tag(language))
        if not is_for_machines:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def language_of(request: HttpRequest) -> str:
    """Find the reader's language: chosen in her settings, chosen in this browser, or asked for by it."""
    preferences = getattr(request.user, "preferences", None)
    chosen = preferences.language if preferences is not None else ""
    return chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
