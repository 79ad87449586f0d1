"""Drive the real returns of a shop through the portal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo.bookkeeping import reconcile
from config.demo.people import TEAMS, person, settle_people, settle_policies
from config.demo.replay import Filed, Script
from config.demo.replay_table import tabulate
from config.demo.returns import BrokenReturns, goods_returns, of_the_first, read_returns
from config.demo.sandbox import SandboxDesk
from config.demo.to_zero import faults_of_books, settle_by_payout
from config.kernel import outbox
from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import standing_in
from refunds.models import Order
from refunds.orders.progress import ProgressBar
from refunds.vocabulary import State

if TYPE_CHECKING:
    from argparse import ArgumentParser

FINANCE = "lena"


class Command(BaseCommand):
    """Replay credit notes in date order, reconcile them, and tie every penny."""

    help = (
        "Turn the credit notes of FOLDER/returns.csv(.gz) into requests on the orders that import_orders loaded, "
        "decide, pay and reconcile them, and print a table. Safe to run again. Exits 0 only when every penny ties."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--channel", default="shop-uk", help="whose orders they are (default shop-uk)")
        parser.add_argument("--limit", type=int, help="only the first N credit notes")
        parser.add_argument(
            "--also", nargs="*", default=[], metavar="CREDIT_NOTE", help="and these, wherever they stand"
        )

        parser.add_argument(
            "--to-zero",
            action="store_true",
            help="settle by a payout fetched by API, book the journal, and fail unless lines, journal and clearing are"
            " zero; for an installation in which nothing else happened",
        )

    def handle(self, *_words: Any, **options: Any) -> None:
        """Replay, reconcile, print, and fail when something does not tie."""
        channel, folder = options["channel"], options["folder"]
        first_order = Order.objects.select_related("team").filter(channel=channel).first()
        if first_order is None:
            team = next((one.slug for one in TEAMS if one.channel == channel), "TEAM")
            raise CommandError(
                f"{channel} has no orders yet: manage.py import_orders {folder} --channel {channel} --team {team}"
            )
        try:
            lines = read_returns(_returns_in(folder))
        except BrokenReturns as broken:
            raise CommandError(str(broken)) from None
        if options["limit"] is not None:
            lines = of_the_first(lines, options["limit"], also=options["also"])
        desk = SandboxDesk()
        if not desk.is_there():
            raise CommandError(f"No sandbox answers at {settings.STRIPE_API_BASE}; start it first.")
        settle_people(at=timezone.now())
        settle_policies(at=timezone.now())
        # Delivered in this process at the end; a running portal may take its share meanwhile.
        settings.OUTBOX_WAKES_WORKERS = False
        with standing_in("stripe", desk.gateway), ProgressBar() as bar:
            script = Script(first_order.team, channel)
            returns = goods_returns(lines)
            filed = []
            for done, goods in enumerate(returns, start=1):
                filed.append(script.play(goods))
                bar.show("returns", done, len(returns))
            if options["to_zero"]:
                _settle(desk, first_order.currency)
            else:
                _close_books(desk, filed, first_order.currency)
            outbox.drain()
        table = tabulate(lines, filed, desk.books(), currency=first_order.currency)
        if options["to_zero"]:
            table.faults += faults_of_books(person(FINANCE))
        for printed in table.lines():
            self.stdout.write(printed)
        if not table.is_well:
            sys.exit(1)
        self.stdout.write("Every penny is accounted for.")


def _returns_in(folder: Path) -> Path:
    for name in ("returns.csv.gz", "returns.csv"):
        if (folder / name).exists():
            return folder / name
    return folder if folder.is_file() else folder / "returns.csv.gz"


def _settle(desk: SandboxDesk, currency: str) -> None:
    try:
        settle_by_payout(desk, currency=currency, at=timezone.now())
    except GatewayUnreachable as silence:
        raise CommandError(str(silence)) from None


def _close_books(desk: SandboxDesk, filed: list[Filed], currency: str) -> None:
    """Upload the payout report from the oldest refund on that nobody has reconciled yet."""
    open_ones = {
        one.refund_request.reference
        for one in filed
        if one.refund_request is not None and one.refund_request.state == State.REFUNDED
    }
    try:
        made = [
            refund["created"]
            for refund in desk.books()["refunds"]
            if refund["metadata"].get("refund_request") in open_ones
        ]
        if made:
            since = datetime.fromtimestamp(min(made), UTC)
            reconcile(desk, currency=currency, since=since, actor=person(FINANCE), at=timezone.now())
    except GatewayUnreachable as silence:
        raise CommandError(str(silence)) from None
