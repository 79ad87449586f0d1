"""manage.py reseal: seal everything anew with the first key, so that older ones can be taken away."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from config.kernel.resealing import Tally, reseal, sealed_columns

SHOWN: Final = 10


class Command(BaseCommand):
    """Goes through every sealed column; stopped, it goes on where it was when it is started again."""

    help = "Seal anew, with the first key of each list, whatever an older key sealed; ends with 1 when rows are left."

    def handle(self, *_words: Any, **_options: Any) -> None:
        """Seal column by column, and say after each batch how far it is."""
        sealed, left = 0, 0
        for column in sealed_columns():
            tally = Tally()
            for tally in reseal(column):
                self.stdout.write(f"{column}: {tally.seen_count} looked at, {tally.sealed_count} sealed anew")
            if tally.left:
                more = f" and {len(tally.left) - SHOWN} more" if len(tally.left) > SHOWN else ""
                self.stderr.write(f"{column}: left as they are: {', '.join(tally.left[:SHOWN])}{more}")
            sealed, left = sealed + tally.sealed_count, left + len(tally.left)
        self.stdout.write(f"{sealed} sealed anew.")
        if left:
            why = "no key in force opens them, or the database keeps them as they are"
            raise CommandError(f"{left} left unreadable: {why}. Nothing of them has changed.")
