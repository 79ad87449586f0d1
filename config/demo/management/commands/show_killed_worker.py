"""Kill a worker in the middle of a refund and show that the customer is paid once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from config.demo.simulation.killed import Story

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Tell the story of one refund whose worker is killed in mid-call."""

    help = (
        "In a database and a sandbox of its own, both gone afterwards: approve one refund, kill its worker while the "
        "processor's answer is on the way, and show step by step what both sides' books say. Exits 0 only when the "
        "customer was paid exactly once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--like", default="", metavar="DATABASE", help="copy this unused database, do not migrate")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Tell it."""
        self.stdout.write("Preparing a database and a processor to play with ...")
        if not Story(self.stdout.write).play(options["like"]):
            sys.exit(1)
