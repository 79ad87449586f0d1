"""Pack pages as the shipped proxies do, where a benchmark has no proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class PackPages(GZipMiddleware):
    """Packs pages alone: a stream that waits to be full enough would tell nothing, and hold its thread for ever."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Pack it, or hand it on."""
        return response if response.streaming else super().process_response(request, response)
