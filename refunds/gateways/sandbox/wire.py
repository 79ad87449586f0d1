"""One question and its answer, as the endpoints see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refunds.gateways.sandbox.problems import Problem


class Mishap(Enum):
    """What befalls the connection: no answer, half of it, or a late one."""

    RESET = auto()
    HANG = auto()
    CUT = auto()
    SLOW = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """A question: `params` are the form's or the query's, `named` what the address itself carried."""

    method: str
    path: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    raw: bytes = b""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or the mishap that takes its place."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    mishap: Mishap | None = None
    content_type: str = "application/json"


def told(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with JSON."""
    return Reply(status, json.dumps(body, separators=(",", ":")), headers or {})


def bad_gateway() -> Reply:
    """Answer as a proxy does that has lost whoever stands behind it."""
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Reply(502, page, content_type="text/html")


def refused(problem: Problem, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with an error."""
    return told(problem.body(), problem.status, headers)
