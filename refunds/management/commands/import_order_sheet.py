"""Take a CSV of orders in, one row for each position."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel.people import Team, User
from config.kernel.refusals import NotPermitted, Refused
from refunds.orders.taking_sheets import check_sheet, take_sheet

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Write every order of a file down, or none."""

    help = (
        "Take a CSV of orders in, one row for each position; the README names the columns. The whole file or nothing; "
        "--check only says what it would do. The same file again adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, whose orders they are, and who answers for them."""
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--channel", required=True, help="the shop, such as shop-uk")
        parser.add_argument("--team", required=True, help="the team that answers for its refunds, such as uk-retail")
        parser.add_argument("--by", required=True, help="the login of whoever sends them, such as lena")
        parser.add_argument("--check", action="store_true", help="say what it would do and keep nothing")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Take it in, or print every line that cannot be taken."""
        team = Team.objects.filter(slug=options["team"]).first()
        actor = User.objects.filter(username=options["by"], is_active=True).first()
        if team is None or actor is None:
            message = f"There is no team “{options['team']}”, or nobody called “{options['by']}”."
            raise CommandError(message)
        take = check_sheet if options["check"] else take_sheet
        try:
            content = options["path"].read_bytes()
            report = take(content=content, channel=options["channel"], team=team, actor=actor)
        except OSError as error:
            message = f"{options['path']} cannot be read: {error.strerror or error}."
            raise CommandError(message) from None
        except Refused as no:
            for reason in no.reasons:
                self.stderr.write(reason.detail)
            message = f"Nothing was taken in: {len(no.reasons)} faults."
            raise CommandError(message) from None
        except NotPermitted as no:
            raise CommandError(no.detail) from None
        would = "Would take in" if options["check"] else "Took in"
        self.stdout.write(
            f"{would} {report.order_count:,} orders with {report.line_count:,} positions; {report.new_count:,} are new."
        )
