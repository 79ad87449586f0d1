"""Prove that the dashboards' figures are what their rows add up to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.rollups.following import catch_up
from analytics.rollups.recounting import prove

MOST_TOLD = 50


class Command(BaseCommand):
    """Count every fact and captured payment again from its rows, and every sum again; each difference is named."""

    help = (
        "Recounts the dashboards' figures from their rows; exit status 1 and every difference where they are not equal."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Follow the ledger first, then compare at one instant."""
        catch_up(at=timezone.now())
        found = prove()
        for difference in found.differences[:MOST_TOLD]:
            self.stdout.write(difference)
        told = (
            f"{found.fact_count:,} facts and {found.cell_count:,} sums, and {found.payment_count:,} captured payments,"
        )
        if found.differences:
            message = f"{len(found.differences):,} of {told} differ from a recount."
            raise CommandError(message)
        self.stdout.write(f"{told} are equal to a recount.")
