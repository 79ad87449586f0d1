"""Book what happened and has no entry yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal


class Command(BaseCommand):
    """Look at everything, whenever it happened; safe to run again."""

    help = "Book every refund, credit and line that has no journal entry yet, and open their months. Safe to run again."

    def handle(self, *_words: Any, **_options: Any) -> None:
        """Book, and say how much."""
        posted = post_journal(at=timezone.now())
        open_periods(since=THE_BEGINNING)
        self.stdout.write(f"{posted.entry_count:,} entries and {posted.reversal_count:,} reversals were booked.")
