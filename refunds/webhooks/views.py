"""The receiver: POST only, bounded, verified on raw bytes, stored once, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.gateways.base import BadDelivery
from refunds.gateways.registry import gateway_named

from .inbox import store_delivery

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = structlog.get_logger(__name__)

LARGEST_BODY = 256 * 1024
TOO_LARGE = 413
BAD_REQUEST = 400


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Take one of Stripe's messages. Whatever is wrong with it, the answer is 4xx and nothing is stored."""
    told = request.headers.get("Content-Length", "")
    if told.isascii() and told.isdecimal() and int(told[:20]) > LARGEST_BODY:
        return HttpResponse("too large", status=TOO_LARGE, content_type="text/plain")
    try:
        raw = request.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            return HttpResponse("too large", status=TOO_LARGE, content_type="text/plain")
        envelope = gateway_named("stripe").verify_webhook(request.headers, raw)
    except (BadDelivery, RequestDataTooBig) as error:
        logger.warning("webhook.refused", why=str(error))
        return HttpResponse("refused", status=BAD_REQUEST, content_type="text/plain")
    if envelope.livemode and settings.DEMO:
        return HttpResponse("refused", status=BAD_REQUEST, content_type="text/plain")
    store_delivery(source="stripe", envelope=envelope, raw=raw, at=timezone.now())
    return HttpResponse("ok", content_type="text/plain")
