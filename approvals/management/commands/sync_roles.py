"""Write the roles table to groups."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from approvals.roles import ROLES, write_roles


class Command(BaseCommand):
    """Make the groups say what `approvals/roles.py` says."""

    help = "Write the roles and their permissions to groups; safe to run at every start."

    def handle(self, **_options: Any) -> None:
        """Write and say so."""
        write_roles()
        self.stdout.write(f"{len(ROLES)} roles written.")
