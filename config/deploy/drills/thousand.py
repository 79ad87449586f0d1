"""A thousand messages that have an effect, while web, worker and database are killed again and again."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from config.deploy.portal import HOST

from .figures import Figure
from .killing import PROGRAMS, kill_postmaster
from .premises import TWICE, UNHANDLED
from .sender import Message, Sender, new_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .premises import Premises

MANY, HANDS = 1_000, 4
ACCEPTED_BETWEEN_KILLS = 80
PATIENCE_SECONDS = 1_200.0
HEADERS = {"Authorization": "Bearer sk_test_drill", "Content-Type": "application/x-www-form-urlencoded"}
TOOK_EFFECT = """
    SELECT count(DISTINCT d.event_id)
    FROM refunds_delivery d JOIN policies_governedaction a ON a.external_id = d.object_id
    WHERE d.event_id = ANY(%s) AND d.state = 'applied'
"""
ACTIONS_TWICE = (
    "SELECT count(*) - count(DISTINCT external_id) FROM policies_governedaction WHERE external_id LIKE 'tr_%%'"
)


def kill_among_a_thousand(place: Premises) -> Iterator[Figure]:
    """Tell of a thousand transfers that nobody asked for; each that was accepted must be on record as one action.

    After every eighty accepted the web server, the worker or the postmaster is killed, in turn.
    """
    messages = [_told(transfer) for transfer in _transfers(place)]
    deeds = (
        lambda: place.kill(PROGRAMS["web"]),
        lambda: place.kill(PROGRAMS["worker"]),
        lambda: kill_postmaster(place),
    )
    kills = range(MANY // ACCEPTED_BETWEEN_KILLS)
    with Sender(place.portal.port, iter(messages), hands=HANDS) as sender:
        for number in kills:
            _until_accepted(place, sender, (number + 1) * ACCEPTED_BETWEEN_KILLS)
            deeds[number % len(deeds)]()
        killed_at = time.monotonic()
        _until_accepted(place, sender, MANY)
        accepted = list(sender.accepted)
        place.until(lambda: place.ask(UNHANDLED) == 0, patience_seconds=PATIENCE_SECONDS)
        all_in = time.monotonic() - killed_at
    answers = ",".join(f"{status}:{count}" for status, count in sorted(sender.answers.items()))
    lost = len(accepted) - place.ask(TOOK_EFFECT, accepted)
    more: dict[str, object] = {"accepted": len(accepted), "kills": len(kills), "answers": answers}
    yield Figure("thousand", lost, place.ask(TWICE) + place.ask(ACTIONS_TWICE), all_in, more)


def _until_accepted(place: Premises, sender: Sender, count: int) -> None:
    place.until(lambda: len(sender.accepted) >= count, patience_seconds=PATIENCE_SECONDS)


def _transfers(place: Premises) -> Iterator[str]:
    """Let as many leave at the processor, which tells nobody itself."""
    for number in range(MANY):
        asking = http.client.HTTPConnection(HOST, place.portal.environment.sandbox_port, timeout=30)
        words = {"amount": f"{100 + number}", "currency": "gbp", "destination": "acct_drill"}
        asking.request("POST", "/v1/transfers", urlencode(words), HEADERS)
        yield json.loads(asking.getresponse().read())["id"]
        asking.close()


def _told(transfer: str) -> Message:
    return Message(new_name(), "transfer.created", {"id": transfer, "object": "transfer"})
