"""Take in a statement of any length."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.people import User
from config.kernel.refusals import NotPermitted, Refused
from refunds.reconciliation.formats.registry import formats
from refunds.reconciliation.streaming import import_file
from refunds.vocabulary import ACCOUNTS

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Stream a CSV statement into the books: whole or not at all, twice adds nothing."""

    help = (
        "Take in a CSV statement of any length, such as a year of a processor's balance changes. It is read twice, in "
        "a bounded memory: once to believe it, once to store it. Workers match it afterwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, and who answers for it."""
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="whose upload this is, such as lena")
        parser.add_argument(
            "--account", default="", choices=[name for name, _ in ACCOUNTS], help="whose lines these are"
        )
        parser.add_argument("--format", default="", help="how it is read, where it is not recognised")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Import, and say what came of it."""
        actor = User.objects.filter(username=options["by"]).first()
        if actor is None:
            message = f"There is nobody called “{options['by']}”."
            raise CommandError(message)
        if not options["path"].is_file():
            message = f"{options['path']} is not a file."
            raise CommandError(message)
        try:
            statement, is_new = import_file(
                path=options["path"],
                actor=actor,
                at=timezone.now(),
                heard=self._heard,
                account=options["account"],
                name=options["format"],
            )
        except NotPermitted as no:
            raise CommandError(str(no)) from None
        except Refused as no:
            known = ", ".join(one.name for one in formats())
            hint = f" Formats: {known}." if no.code == "unknown_format" else ""
            raise CommandError("\n".join(reason.detail for reason in no.reasons) + hint) from None
        if not is_new:
            self.stdout.write(f"This file is known as {statement.filename}; nothing was added.")
            return
        count = statement.lines.count()
        self.stdout.write(
            f"{statement.line_count:,} lines, {count:,} of them new, as {statement.format}. Matching is queued."
        )

    def _heard(self, done: int) -> None:
        if done % 100_000 == 0:
            self.stderr.write(f"{done:,} lines stored.")
