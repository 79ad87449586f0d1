"""manage.py grant_application_role: let a database role run the portal, and change no record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from evidence.privileges import UnableToGrant, grant_application_role

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Grants what web and workers need; run it as the owner of the tables, after every migration."""

    help = "Grant a role everything the portal needs; the ledger and its checkpoints it may read and append to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the role."""
        parser.add_argument("role")
        parser.add_argument("--create", action="store_true", help="make the role, without a password, if it is missing")

    def handle(self, *_words: Any, role: str, create: bool, verbosity: int, **_options: Any) -> None:
        """Grant."""
        try:
            grant_application_role(role, create=create)
        except UnableToGrant as no:
            raise CommandError(str(no)) from no
        if verbosity:
            self.stdout.write(f"{role} may run the portal; what only grows it may read and append to.")
