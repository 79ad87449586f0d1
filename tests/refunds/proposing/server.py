"""A model server on loopback that says what a test scripts, and keeps what it was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.refunds.outgoing.receivers import answer

if TYPE_CHECKING:
    from tests.refunds.outgoing.receivers import Receiver

GOOD = {
    "reason_code": {"value": "damaged", "confidence": 80},
    "summary": {"value": "The customer says the lamp came broken.", "confidence": 70},
    "message": {"value": "Could you send a photo of the lamp?", "confidence": 60},
}


def completion(content: str, **more: Any) -> bytes:
    """Write a chat completion."""
    told = {"choices": [{"message": {"role": "assistant", "content": content}}], "usage": {"total_tokens": 900}, **more}
    return answer("200 OK", json.dumps(told).encode(), "Content-Type: application/json")


def proposing(**changes: Any) -> bytes:
    """Propose the good things, with changes."""
    return completion(json.dumps({**GOOD, **changes}))


def asked(server: Receiver) -> dict[str, Any]:
    """Read what the model was asked about the case."""
    body: dict[str, Any] = json.loads(server.heard[0].body)
    case: dict[str, Any] = json.loads(body["messages"][1]["content"])
    return case
