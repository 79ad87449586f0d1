"""Write the standard reason and exception codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from policies.cataloguing import write_catalogue


class Command(BaseCommand):
    """Give a new installation the codes it starts with."""

    help = "Write the standard reason and exception codes; codes that are there stay as they are."

    def handle(self, **_options: Any) -> None:
        """Write and say so."""
        self.stdout.write(f"{write_catalogue()} codes are there.")
