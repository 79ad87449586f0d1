"""The receivers: POST only, and nothing else of the request is believed than what is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.connectors.keeping import connection_behind
from refunds.gateways.base import BadDelivery
from refunds.gateways.registry import gateway_named
from refunds.vocabulary import ShopKind

from .receiving import Message, receive
from .shops import proof_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

NOT_FOUND = 404


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Take one of Stripe's messages."""
    return receive(request, source="stripe", verify=_of_stripe)


@csrf_exempt
@require_POST
def shopify(request: HttpRequest, token: str) -> HttpResponse:
    """Take a message of the Shopify shop whose address this is."""
    return _of_shop(request, ShopKind.SHOPIFY, token)


@csrf_exempt
@require_POST
def magento(request: HttpRequest, token: str) -> HttpResponse:
    """Take a message of the Magento shop whose address this is."""
    return _of_shop(request, ShopKind.MAGENTO, token)


def _of_shop(request: HttpRequest, kind: ShopKind, token: str) -> HttpResponse:
    connection = connection_behind(kind, token)
    if connection is None:
        return HttpResponse("unknown", status=NOT_FOUND, content_type="text/plain; charset=utf-8")
    return receive(request, source=kind, verify=proof_of(connection))


def _of_stripe(headers: Mapping[str, str], raw: bytes) -> Message:
    envelope = gateway_named("stripe").verify_webhook(headers, raw)
    if envelope.livemode != _moves_real_money():
        message = "The message is of the other mode than our key."
        raise BadDelivery(message)
    return Message(envelope=envelope, kept=raw)


def _moves_real_money() -> bool:
    """Whether our key is for real money; test keys, and the sandbox's, say so themselves."""
    return not settings.DEMO and "_test_" not in settings.STRIPE_API_KEY
