"""A whole life by the Python commands, and bulk approval, next to the same by a naive use of django-fsm.

Ours: filed and submitted with the policy's verdict and a route, approved within limits, claimed, answered by a gateway
in this process, recorded, with ledger, outbox and letters. The reference: four transitions with their log
(`naive_fsm`), which does none of that. Bulk: as many as one call takes, each with its own record, next to a loop.

Run: `python -m tests.benchmarks.life`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be set up first

from approvals.vocabulary import Verdict  # noqa: E402
from refunds import bulk, workflow  # noqa: E402
from refunds.gateways.base import Accepted, RefundStatus  # noqa: E402
from refunds.gateways.registry import standing_in  # noqa: E402
from refunds.gateways.stripe import StripeGateway  # noqa: E402
from refunds.models import Operation  # noqa: E402
from refunds.processing.performing import perform_operation  # noqa: E402
from refunds.vocabulary import BulkReason, OperationState  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.benchmarks.naive_fsm import draft, naive_tables, step  # noqa: E402
from tests.harness.people import settle  # noqa: E402
from tests.harness.world import NOON, World  # noqa: E402

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.gateways.base import RefundInstruction
    from refunds.models import Order

LIVES = sized(small=20, full=100)
TOGETHER = bulk.MOST
VERBS = ("submit", "approve", "send", "confirm")


class PaysAtOnce(StripeGateway):
    """A processor in this process, so that neither side waits for a network."""

    def refund(self, instruction: RefundInstruction) -> Accepted:
        """Say yes."""
        return Accepted(f"re_{instruction.operation_id[-12:]}", RefundStatus.SUCCEEDED)


def main() -> int:
    """Measure and report."""
    with own_database(), naive_tables(), standing_in("stripe", PaysAtOnce("sk_test_none", [])):
        world, amir, vera = World(), settle("amir"), settle("vera")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        _lives(world, amir, vera, 3)  # warms plans and caches
        ours, naive, together, loops = [], [], [], []
        for _ in range(ROUNDS):
            ours.append(LIVES / _lives(world, amir, vera, LIVES))
            naive.append(LIVES / _naive_lives(LIVES))
            together.append(TOGETHER / _approve_together(world, amir, vera))
            loops.append(TOGETHER / _approve_naively())
    stands = report(
        "whole_life", ours=ours, reference=naive, unit="lives/s", floor=2, target=2, note="(a naive django-fsm)"
    )
    stands &= report(
        "bulk_approval",
        ours=together,
        reference=loops,
        unit="approvals/s",
        floor=10,
        target=20,
        note=f"({TOGETHER} at once, the most the portal takes)",
    )
    return 0 if stands else 1


def _lives(world: World, agent: User, signer: User, count: int) -> float:
    orders = [world.order(unit_minor=100_00) for _ in range(count)]

    def live_all() -> None:
        for order in orders:
            _live(world, agent, signer, order)

    return seconds(live_all)


def _live(world: World, agent: User, signer: User, order: Order) -> None:
    waiting = world.filed(order, by=agent)
    workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=signer, at=NOON)
    operation = Operation.objects.get(refund_request=waiting)
    perform_operation(operation_id=operation.pk, at=NOON)
    operation.refresh_from_db(fields=["state"])
    assert operation.state == OperationState.SUCCEEDED


def _naive_lives(count: int) -> float:
    def live_all() -> None:
        for _ in range(count):
            pk = draft()
            for verb in VERBS:
                step(pk, verb)

    return seconds(live_all)


def _approve_together(world: World, agent: User, signer: User) -> float:
    routes = [world.waiting(by=agent).route_id for _ in range(TOGETHER)]
    wanted = [route for route in routes if route is not None]
    approve = partial(bulk.approve_all, route_ids=wanted, reason=BulkReason.IN_POLICY, note="", actor=signer, at=NOON)
    done: list[bulk.Done] = []
    took = seconds(lambda: done.extend(approve()))
    assert all(one.is_done for one in done), [one.sentence for one in done if not one.is_done]
    return took


def _approve_naively() -> float:
    waiting = [draft() for _ in range(TOGETHER)]
    for pk in waiting:
        step(pk, "submit")

    def approve_all() -> None:
        for pk in waiting:
            step(pk, "approve")

    return seconds(approve_all)


if __name__ == "__main__":
    sys.exit(main())
