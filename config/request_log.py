"""One line for each request, with an id that all lines it causes carry: here, in the worker, at the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django_structlog.middlewares import RequestMiddleware

from config.kernel.rest import REQUEST_ID

if TYPE_CHECKING:
    from django.http import HttpRequest


class RequestLog(RequestMiddleware):
    """The library's lines without what was asked for: people search for names and mail addresses."""

    def prepare(self, request: HttpRequest) -> None:
        """Take the id that the caller gave, where it is one."""
        super().prepare(request)
        told = request.headers.get("X-Request-ID", "")
        if REQUEST_ID.fullmatch(told):
            structlog.contextvars.bind_contextvars(request_id=told)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Say the method and the path."""
        return f"{request.method} {request.path}"
