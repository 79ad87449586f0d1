"""What every answer tells browsers beside Django's and the content security policy's own headers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.kernel.browser_reports import keep_report
from config.kernel.pace import seconds_to_wait
from config.kernel.web import number_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

HEADERS: Final = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
LARGEST_REPORT: Final = 8 * 1024
MOST_REPORTS: Final = 60

logger = structlog.get_logger(__name__)


class Headers:
    """Sets them, unless a view set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with them."""
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


@csrf_exempt
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """Keep what a browser says it stopped; always 204, and so many a minute of one address."""
    address = get_adapter().get_client_ip(request)
    too_many = seconds_to_wait(caller=f"csp {address}", most=MOST_REPORTS, window=timedelta(minutes=1)) is not None
    size = number_in(request.META.get("CONTENT_LENGTH") or "") or 0
    if not too_many and 0 < size <= LARGEST_REPORT:
        found = keep_report(request.body, at=timezone.now())
        if found is not None:
            logger.warning("csp.stopped", directive=found.directive, blocked=found.blocked, path=found.path)
    return HttpResponse(status=204)
