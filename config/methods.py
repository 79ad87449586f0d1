"""Which methods are heard at all: pages take GET, HEAD and POST, and whatever else comes reaches no view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseNotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

TAKEN: Final = ("GET", "HEAD", "POST")
# They name the methods of each address themselves, and answer in their own words.
BY_THEMSELVES: Final = ("/api/", "/mcp", "/webhooks/")


class Methods:
    """Refuses every other method, whoever asks: a view that only looks for POST would take PUT for GET."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 405 at once, or let the request in."""
        if request.method not in TAKEN and not request.path_info.startswith(BY_THEMSELVES):
            return HttpResponseNotAllowed(TAKEN)
        return self.get_response(request)
