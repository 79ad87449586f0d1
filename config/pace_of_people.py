"""How many pages one person may ask for in a minute: far more than anybody reads, far fewer than a script takes."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.shortcuts import render

from config.kernel.pace import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

MINUTE: Final = timedelta(minutes=1)
# The API and agents are counted by token; pages ask the next two by themselves, and signing out must always work.
NOT_COUNTED: Final = ("/api/", "/mcp", "/live/", "/account/session/left/", "/logout/")


class PaceOfPeople:
    """Counts what a person asks for in all her windows and on all web processes, HEAD like GET."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let her in, or tell her how long to wait; nothing is done then."""
        most = settings.PAGES_PER_MINUTE
        if not most or request.path_info.startswith(NOT_COUNTED) or not request.user.is_authenticated:
            return self.get_response(request)
        wait = seconds_to_wait(caller=f"pages {request.user.pk}", most=most, window=MINUTE)
        if wait is None:
            return self.get_response(request)
        answer = render(request, "429.html", {"wait": ceil(wait)}, status=HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(ceil(wait))
        answer.headers["Cache-Control"] = "no-store, private"
        return answer
