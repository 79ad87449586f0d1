"""Counters and rows that tell of themselves: one stream for each tab, or a look every twenty seconds instead."""

from __future__ import annotations

import json
from hashlib import sha256
from http import HTTPStatus
from typing import cast

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, moment_in, page
from config.live_hub import HUB
from config.live_message import Screen, message_for


@page()
@require_safe
def live(request: PersonRequest) -> HttpResponse:
    """Send what changes on a screen for some minutes; 503 when too many look on, and the page asks instead."""
    stream = HUB.open(viewer_id=request.user.pk, screen=screen_from(request))
    if stream is None:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
    # Proxies that gather an answer before they pass it on would hold it until its end.
    answer = StreamingHttpResponse(stream, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    return cast("HttpResponse", answer)


@page()
@require_safe
def live_poll(request: PersonRequest) -> HttpResponse:
    """Say once what the stream would say; 204 when it is what the page named as `seen`."""
    at = timezone.now()
    told = message_for(request.user, screen_from(request), at=at)
    tag = sha256(json.dumps(told).encode()).hexdigest()[:16]
    if request.GET.get("seen") == tag:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return JsonResponse({**told, "at": at.isoformat(), "tag": tag})


def screen_from(request: PersonRequest) -> Screen:
    """Read which screen is looked at, and since when."""
    return Screen(request.GET.get("view", "")[:500], moment_in(request.GET.get("since", "")))
