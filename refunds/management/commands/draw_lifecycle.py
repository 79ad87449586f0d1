"""Print the state chart."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from refunds.chart import mermaid


class Command(BaseCommand):
    """Show the life of a refund request as a Mermaid diagram."""

    help = "Print the state chart of a refund request, drawn from its transitions."

    def handle(self, **_options: Any) -> None:
        """Draw."""
        self.stdout.write(mermaid())
