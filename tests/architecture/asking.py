"""Ask an address as somebody, and leave no trace: whatever a verb does is rolled back before the next one asks."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.evidence.builders import drawing, upload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from config.kernel.people import User

    from .samples import Sample

WHY = "The parcel came back complete."
SPOKEN = {
    "rationale": WHY,
    "question": WHY,
    "answer": WHY,
    "exception_code": "WINDOW_EXPIRED",
    "note": "",
    "why": WHY,
    "hypothesis": WHY,
    "finding": "right",
    "arrived_on": "2026-11-15",
    "method": "original",
}
API_BODIES: dict[str, dict[str, Any]] = {
    "refunds_api:approve": {"rationale": WHY},
    "refunds_api:decline": {"rationale": WHY},
    "refunds_api:decline_decision": {"rationale": WHY},
    "refunds_api:ask": {"question": WHY},
    "refunds_api:grant_exception": {"exception_code": "WINDOW_EXPIRED", "rationale": WHY},
    "refunds_api:propose_payout": {"method": "original", "rationale": WHY},
    "policies_api:review": {"note": WHY},
}
PICTURE = drawing("PNG")


def client_of(user: User | None) -> Client:
    """Open a browser, logged in unless nobody is."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def status_of(client: Client, method: str, name: str, route: str, sample: Sample) -> int:
    """Ask once, and answer the HTTP status."""
    return answer_of(client, method, name, route, sample).status_code


def answer_of(client: Client, method: str, name: str, route: str, sample: Sample) -> HttpResponse:
    """Ask once, and give the answer."""
    address = "/api/nothing" if name.startswith("^") else reverse(name, kwargs=sample.words_for(name, route))
    body: dict[str, Any] = {}
    if method in {"POST", "PUT", "PATCH"}:
        if route.startswith("api/") and not name.endswith(":evidence"):
            body = {"data": json.dumps(API_BODIES.get(name, {})), "content_type": "application/json"}
        else:
            body = {"data": {**SPOKEN, "kind": "photo", "file": upload(PICTURE)}}
    cookies = SimpleCookie(client.cookies)
    with forgotten():
        answer: HttpResponse = getattr(client, method.lower())(address, **body)
    client.cookies = cookies
    return answer


@contextmanager
def forgotten() -> Iterator[None]:
    """Open a savepoint that is always rolled back, and in which durable commands may still begin."""
    savepoint = transaction.atomic()
    # Django's own mark of a test's transaction: what follows may be durable.
    savepoint._from_testcase = True  # type: ignore[attr-defined]
    with savepoint:
        yield
        transaction.set_rollback(True)
