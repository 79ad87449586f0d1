"""Load orders from a shop's export."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel.people import Team
from refunds.orders.csv_files import BrokenFile
from refunds.orders.importing import ImportReport, OrderFiles, import_orders
from refunds.orders.progress import ProgressBar

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from refunds.orders.refusing import RefusedRow

SHOWN = 20
PARTS = ("orders", "order_lines", "products")


class Command(BaseCommand):
    """Stream orders, lines and products into the database; safe to run again."""

    help = (
        "Load orders from a folder or from files named orders, order_lines and products (.csv or .csv.gz). "
        "Safe to run again: what is there stays, what is missing is added. Exits 0 only when every row was taken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the files and whose orders they are."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
        parser.add_argument("--channel", required=True, help="the shop, such as shop-uk")
        parser.add_argument("--team", required=True, help="the team that answers for its refunds, such as uk-retail")
        parser.add_argument("--report", type=Path, help="write every refused row to this CSV file")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Import, print what came of it, and fail when a row was refused."""
        team = Team.objects.filter(slug=options["team"]).first()
        if team is None:
            known = ", ".join(Team.objects.values_list("slug", flat=True)) or "none yet; load_demo makes some"
            message = f"There is no team “{options['team']}”. Teams: {known}."
            raise CommandError(message)
        try:
            files = _files(options["paths"])
            with ProgressBar() as bar:
                report = import_orders(files=files, channel=options["channel"], team=team, heard=bar.show)
        except BrokenFile as broken:
            raise CommandError(str(broken)) from None
        if options["report"]:
            _write_report(options["report"], report.refused)
        self._tell(report)
        if report.refused:
            sys.exit(1)

    def _tell(self, report: ImportReport) -> None:
        for row in report.refused[:SHOWN]:
            self.stderr.write(str(row))
        if len(report.refused) > SHOWN:
            self.stderr.write(f"... and {len(report.refused) - SHOWN} more; --report FILE keeps them all.")
        if not report.payments_are_announced:
            self.stderr.write(
                "The sandbox did not answer, so it does not know these payments. Run this again with it up."
            )
        self.stdout.write(
            f"{report.order_count:,} orders read: {report.new_order_count:,} new with {report.new_line_count:,} lines, "
            f"{report.changed_count:,} rows changed, {len(report.refused):,} rows refused."
        )


def _files(paths: list[Path]) -> OrderFiles:
    """Find the parts of the export among the paths.

    :raises BrokenFile: when orders or lines are not there
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            message = f"{path} does not exist."
            raise BrokenFile(message)
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            stem = file.name.removesuffix(".gz").removesuffix(".csv")
            if stem in PARTS and file.name != stem:
                found[stem] = file
    missing = [part for part in PARTS[:2] if part not in found]
    if missing:
        wanted = " and no ".join(f"{part}.csv or {part}.csv.gz" for part in missing)
        message = f"There is no {wanted} in {', '.join(map(str, paths))}."
        raise BrokenFile(message)
    return OrderFiles(orders=found["orders"], lines=found["order_lines"], products=found.get("products"))


def _write_report(path: Path, refused: list[RefusedRow]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("file", "line", "sentence"))
        writer.writerows(refused)
