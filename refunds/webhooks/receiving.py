"""What every receiver does alike: bounded, verified on raw bytes, stored once, answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone

from refunds.gateways.base import BadDelivery

from .inbox import store_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpRequest

    from refunds.gateways.base import Envelope

    Verify = Callable[[Mapping[str, str], bytes], "Message"]

logger = structlog.get_logger(__name__)

LARGEST_BODY = 256 * 1024
TOO_LARGE = 413
OTHER_CONTENT = 415
BAD_REQUEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message whose proof held, and what of it is kept; a shop's says which connection it came by."""

    envelope: Envelope
    kept: bytes
    connection_id: UUID | None = None
    body_sha256: str = ""


def receive(request: HttpRequest, *, source: str, verify: Verify) -> HttpResponse:
    """Take one message. Whatever is wrong with it, the answer is 4xx and nothing is stored.

    1. Refuse what says that it is too large, or no JSON, before a byte of it is read.
    2. Read one byte more than is allowed at most: a length that lies is found out.
    3. Let `verify` check the raw bytes and open the envelope; it raises nothing but BadDelivery.
    4. Store it once, and say yes. The work comes later.
    """
    told = _told_length(request)
    if told > LARGEST_BODY:
        return _no("too large", TOO_LARGE)
    if request.content_type != "application/json":
        return _no("not JSON", OTHER_CONTENT)
    try:
        raw = request.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            return _no("too large", TOO_LARGE)
        if len(raw) < told:
            return _no("cut short", BAD_REQUEST)
        message = verify(request.headers, raw)
    except (BadDelivery, RequestDataTooBig, UnreadablePostError) as error:
        logger.warning("webhook.refused", source=source, why=str(error))
        return _no("refused", BAD_REQUEST)
    store_delivery(
        source=source,
        envelope=message.envelope,
        raw=message.kept,
        connection_id=message.connection_id,
        body_sha256=message.body_sha256,
        at=timezone.now(),
    )
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def _told_length(request: HttpRequest) -> int:
    told = request.headers.get("Content-Length", "")
    return int(told[:20]) if told.isascii() and told.isdecimal() else 0


def _no(word: str, status: int) -> HttpResponse:
    return HttpResponse(word, status=status, content_type="text/plain; charset=utf-8")
