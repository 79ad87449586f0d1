"""Make the demo world."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo.people import PERSONAS, settle_people, settle_policies
from config.demo.proposals import propose_for_review, propose_in_shadow
from config.demo.sandbox import SandboxDesk
from config.demo.world import make_world
from refunds.models import Order, RefundRequest
from refunds.orders.progress import ProgressBar

if TYPE_CHECKING:
    from argparse import ArgumentParser

SEED = 20_260_802
MOST_HANDS = 3


class Command(BaseCommand):
    """Bring people, policies, orders and refunds into an empty installation."""

    help = "Make the demo world: people, policies, orders and refunds. Does nothing where orders exist."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="people, policies and codes only")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed makes another world")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Make what is missing and say what came of it."""
        now = timezone.now()
        settle_people(at=now - timedelta(days=365))
        settle_policies(at=now - timedelta(days=365))
        self.stdout.write(f"{len(PERSONAS)} people and a service account, each team with its policy.")
        if options["empty"] or Order.objects.exists():
            return
        if not SandboxDesk().is_there():
            self.stderr.write(
                f"No sandbox answers at {settings.STRIPE_API_BASE}, so there are no orders and refunds yet. "
                "Start it (python -m refunds.gateways.sandbox) and run load_demo again."
            )
            return
        began = time.monotonic()
        propose_in_shadow(at=now - timedelta(days=364))
        with ProgressBar() as bar:
            make_world(seed=options["seed"], now=now, hands=_hands(), heard=bar.show)
        propose_for_review(at=now - timedelta(hours=20))
        self.stdout.write(
            f"{Order.objects.count():,} orders and {RefundRequest.objects.count():,} refund requests "
            f"in {time.monotonic() - began:.0f} seconds."
        )


def _hands() -> int:
    """Share the work among the cores there are, but leave the database some of them."""
    return max(1, min(os.cpu_count() or 1, MOST_HANDS))
