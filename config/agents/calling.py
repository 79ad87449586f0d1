"""Call our own API within the process, as the same caller, through the same views: one truth for both doors."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from evidence.refused_actions import RefusedActions

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .tools import Call

KEPT = (
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "REMOTE_ADDR",
    "HTTP_HOST",
    "HTTP_AUTHORIZATION",
    "wsgi.url_scheme",
)
"""What the inner call takes over from the outer one: where we are, and who calls."""


def call_api(outer: HttpRequest, call: Call) -> tuple[int, Any]:
    """Answer the status and the JSON that the address answers to the caller of `outer`."""
    body = b"" if call.body is None else json.dumps(call.body).encode()
    address, _, query = call.address.partition("?")
    environ = {name: outer.META[name] for name in KEPT if name in outer.META}
    environ |= {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": address,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_REQUEST_ID": getattr(outer, "request_id", ""),
        "wsgi.input": BytesIO(body),
    }
    environ.setdefault("wsgi.url_scheme", outer.scheme or "http")
    if call.key:
        environ["HTTP_IDEMPOTENCY_KEY"] = call.key
    request = WSGIRequest(environ)
    request.resolver_match = match = resolve(address)
    # What stands around every other call: a no is kept for the auditors here too.
    answer = RefusedActions(lambda asked: match.func(asked, *match.args, **match.kwargs))(request)
    if hasattr(answer, "render"):
        answer.render()
    return answer.status_code, json.loads(answer.content)
