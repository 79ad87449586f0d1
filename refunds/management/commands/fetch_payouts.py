"""Fetch what Stripe's payouts consist of."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from refunds.reconciliation.fetching import fetch_waiting, poll_payouts


class Command(BaseCommand):
    """Do now what beat does every hour: look for payouts, and fetch the lines of those that are reconciled."""

    help = "Look for Stripe's payouts of the last days and fetch the lines of those that Stripe has reconciled."

    def handle(self, *_words: Any, **_options: Any) -> None:
        """Fetch, and say what came of it."""
        at = timezone.now()
        found, fetched = poll_payouts(at=at), fetch_waiting(at=at)
        self.stdout.write(f"{found} payouts were read, the lines of {fetched} were fetched; workers match them.")
