"""Do what is asked once per idempotency key, whatever befalls the call meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.idempotency import fingerprint, in_use
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.records import Answer
from refunds.gateways.sandbox.wire import Mishap, Reply, Request, bad_gateway, refused, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk

RETRY_AFTER_SECONDS = 1
IN_FLIGHT_SECONDS = 1.5
"""How long a key stays in use when its call is slow; another call with it hears 409 meanwhile."""

Made = tuple[dict[str, Any], deeds.Rows]
Make = Callable[[Fault | None], Made]

_AFTER = {
    Fault.RESET_AFTER: Mishap.RESET,
    Fault.HANG: Mishap.HANG,
    Fault.CUT: Mishap.CUT,
    Fault.SLOW_AFTER: Mishap.SLOW,
}
_BROKEN = frozenset({Fault.SERVER_ERROR_DONE, Fault.SERVER_ERROR_NOT_DONE, Fault.SERVER_ERROR_LATE})


def once(desk: Desk, request: Request, make: Make, *, may_fail: bool = False) -> Reply:
    """Do what is asked once per idempotency key.

    1. A kept answer is replayed, whatever it was.
    2. A key that is being worked on is refused and nothing kept.
    3. The fault, if one is armed or drawn, happens before, instead of or after the work.
    4. The work and its answer are written down in one change.
    """
    key = request.headers.get("idempotency-key", "")
    asked = fingerprint(request.path, request.params)
    about = str(request.params.get("payment_intent") or request.params.get("charge") or "")
    kept = desk.keys.kept(key, asked)
    if kept is None:
        with desk.keys.claimed(key):
            # Looked up again: its first request may have ended between the look and the claim.
            kept = desk.keys.kept(key, asked)
            if kept is None:
                fault = (desk.faults.take() or desk.weather.of_call(about)) if may_fail else None
                return _worked(desk, key, asked, make, fault, about)
    again = Reply(kept.status, kept.body, {"Idempotency-Key": key, "Idempotent-Replayed": "true"})
    return _on_the_wire(again, desk.weather.of_replay(about) if may_fail else None)


def _worked(desk: Desk, key: str, asked: str, make: Make, fault: Fault | None, about: str) -> Reply:
    instead = _instead(fault)
    if instead is not None:
        return instead
    if fault is Fault.IN_FLIGHT:
        desk.stopping.wait(IN_FLIGHT_SECONDS)
    with desk.books.lock:
        reply, rows = _attempted(make, fault)
        answer = Answer(key, asked, reply.status, reply.text, int(desk.clock.now()))
        desk.record(*rows, *([answer] if key else []))
        if fault is Fault.SERVER_ERROR_LATE:
            desk.do_later(make, about)
    return _on_the_wire(replace(reply, headers={"Idempotency-Key": key} if key else {}), fault)


def _instead(fault: Fault | None) -> Reply | None:
    """Answer before anything is begun, so that no key remembers it."""
    match fault:
        case Fault.RESET_BEFORE:
            return Reply(0, "", mishap=Mishap.RESET)
        case Fault.RATE_LIMIT:
            limited = Problem(429, "rate_limit", "Too many requests hit the API too quickly.")
            return refused(limited, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        case Fault.CONFLICT:
            return refused(in_use())
        case Fault.KEY_REFUSED:
            return refused(Problem(401, None, "Invalid API Key provided: it was just rolled."))
        case Fault.BAD_GATEWAY_NOT_DONE:
            return bad_gateway()
        case _:
            return None


def _attempted(make: Make, fault: Fault | None) -> tuple[Reply, deeds.Rows]:
    broken = refused(Problem(500, None, "An error occurred on our side.", kind="api_error"))
    if fault in {Fault.SERVER_ERROR_NOT_DONE, Fault.SERVER_ERROR_LATE}:
        return broken, []
    try:
        body, rows = make(fault)
    except Problem as problem:
        return refused(problem), []
    return (broken if fault in _BROKEN else told(body)), rows


def _on_the_wire(reply: Reply, fault: Fault | None) -> Reply:
    """Let the answer, which stands in the books by now, be lost or late on its way."""
    if fault is Fault.BAD_GATEWAY_DONE:
        return bad_gateway()
    return replace(reply, mishap=_AFTER.get(fault) if fault else None)
