"""What is turned away before anything looks at it: methods nobody serves, and calls of programs in the clear."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import HttpResponseNotAllowed

from config.kernel.problems import problem_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""TRACE would show a script what the browser hides from it."""

OF_PROGRAMS: Final = ("/api/", "/mcp", "/webhooks/")
IN_THE_CLEAR: Final = "Ask with https. What you sent was not encrypted: if it held a token, have a new one made."
NO_METHOD: Final = "This method is not served here."


class FrontGate:
    """Browsers that come in the clear are led to https; programs are refused, so that somebody notices."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before everything."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through what may go on."""
        is_of_program = request.path.startswith(OF_PROGRAMS)
        if request.method not in METHODS:
            if not is_of_program:
                return HttpResponseNotAllowed(METHODS)
            answer = problem_page(request, HTTPStatus.METHOD_NOT_ALLOWED, NO_METHOD)
            answer.headers["Allow"] = ", ".join(METHODS)
            return answer
        if settings.SECURE_SSL_REDIRECT and is_of_program and not request.is_secure():
            return problem_page(request, HTTPStatus.FORBIDDEN, IN_THE_CLEAR)
        return self.get_response(request)
