"""Simulate thousands of refunds in bad weather, and count what must not be."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from config.demo.simulation.play import play
from config.demo.simulation.terms import Terms
from refunds.orders.progress import ProgressBar

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_WORKERS = 16


class Command(BaseCommand):
    """Pay approved refunds through a faulty processor with workers that are killed, and tie every unit."""

    help = (
        "In a database and a sandbox of its own, both gone afterwards: approve refunds in five currencies, pay them "
        "by worker processes that are killed at every step, in weather drawn from the seed, with webhooks dropped, "
        "doubled, late and forged; then compare the processor's books with ours. Exits 0 only when nothing was paid "
        "twice, nothing is missing or stuck, and every currency ties. --naive sends a new key with every retry, which "
        "must fail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--operations", type=int, default=500, help="how many refunds (default 500)")
        parser.add_argument(
            "--seed", type=int, default=1, help="amounts, faults and deaths are drawn from it (default 1)"
        )
        parser.add_argument(
            "--faults", type=float, default=0.35, help="share of calls that meet a fault (default 0.35)"
        )
        parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
        parser.add_argument(
            "--naive", action="store_true", help="a new key with every retry: the audit must find doubles"
        )
        parser.add_argument(
            "--like", default="", metavar="DATABASE", help="copy this unused database instead of migrating"
        )

    def handle(self, *_words: Any, **options: Any) -> None:
        """Simulate and say what came of it."""
        terms = Terms(
            operations=options["operations"],
            seed=options["seed"],
            faults=options["faults"],
            workers=options["workers"],
            is_naive=options["naive"],
            like=options["like"],
        )
        if terms.operations < 1 or not 0 <= terms.faults <= 1 or not 1 <= terms.workers <= MOST_WORKERS:
            raise CommandError(f"At least one operation, faults from 0 to 1, from 1 to {MOST_WORKERS} workers.")
        # Also where a shell in the background had it ignored: whoever sends it means it.
        for word in (signal.SIGINT, signal.SIGTERM):
            signal.signal(word, _interrupt)
        try:
            with ProgressBar() as bar:
                ended = play(terms, bar.show)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted; database, sandbox and workers are gone.")
            sys.exit(130)
        for line in ended.lines:
            self.stdout.write(line)
        if not ended.is_well:
            self.stdout.write("\nNOT WELL: see the lines above that are not 0.")
            sys.exit(1)
        self.stdout.write("\nWell: nobody was paid twice, nothing is missing or stuck, every currency ties.")


def _interrupt(*_frame: object) -> NoReturn:
    raise KeyboardInterrupt
