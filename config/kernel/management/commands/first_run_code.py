"""Print where and with which code an empty portal is set up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.kernel.first_run import first_run_code, is_first_run


class Command(BaseCommand):
    """Tell whoever holds the server how to begin; nothing once there is anybody."""

    help = "Print the address and the code with which the first two administrators are made."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print it, or that it is over."""
        if not is_first_run():
            self.stdout.write("This portal is set up; there is no code any more.")
            return
        self.stdout.write(
            f"Nobody is here yet. Open {settings.PORTAL_URL}/account/welcome/ and type the code {first_run_code()}."
        )
