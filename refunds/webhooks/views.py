"""The receivers: POST only, and nothing else of the request is believed than what is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.gateways.base import BadDelivery
from refunds.gateways.registry import gateway_named

from .receiving import receive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from refunds.gateways.base import Envelope


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Take one of Stripe's messages."""
    return receive(request, source="stripe", verify=_of_stripe)


def _of_stripe(headers: Mapping[str, str], raw: bytes) -> Envelope:
    envelope = gateway_named("stripe").verify_webhook(headers, raw)
    if envelope.livemode != _moves_real_money():
        message = "The message is of the other mode than our key."
        raise BadDelivery(message)
    return envelope


def _moves_real_money() -> bool:
    """Whether our key is for real money; test keys, and the sandbox's, say so themselves."""
    return not settings.DEMO and "_test_" not in settings.STRIPE_API_KEY
