"""Weather and clock: how a simulation makes a day of faults of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.gateways.sandbox.admin import read_json
from refunds.gateways.sandbox.problems import refuse
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk

LONGEST_AHEAD_SECONDS = 400 * 24 * 3600


def begin_weather(desk: Desk, request: Request) -> Reply:
    """Draw faults from a seed from now on: `{"seed": 1, "rate": 0.35}`; a rate of 0 is fair weather."""
    body = read_json(request)
    seed, rate = (body.get("seed", 0), body.get("rate")) if isinstance(body, dict) else (0, None)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        refuse("parameter_invalid", "rate is a share of calls, from 0 to 1.", "rate")
    desk.weather.begin(str(seed), float(rate))
    return show_weather(desk, request)


def show_weather(desk: Desk, _request: Request) -> Reply:
    """Tell what was drawn since it began, and what became of the messages that were sent."""
    return told({"drawn": dict(sorted(desk.weather.drawn.items())), "messages": desk.webhooks.tallied()})


def set_clock_forward(desk: Desk, request: Request) -> Reply:
    """Set the clock forward: `{"ahead_seconds": 900}`; what is due by then happens at once."""
    body = read_json(request)
    ahead = body.get("ahead_seconds") if isinstance(body, dict) else None
    if isinstance(ahead, bool) or not isinstance(ahead, int | float) or not 0 <= ahead <= LONGEST_AHEAD_SECONDS:
        refuse("parameter_invalid", "ahead_seconds is a number of seconds forward.", "ahead_seconds")
    desk.go_ahead(float(ahead))
    return show_clock(desk, request)


def show_clock(desk: Desk, _request: Request) -> Reply:
    """Tell the time here, and when something happens by itself next, in Unix seconds."""
    return told({"now": desk.clock.now(), "next_at": desk.next_at()})
