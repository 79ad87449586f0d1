"""Print a bearer token of somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel.people import User
from config.kernel.tokens import ApiToken

if TYPE_CHECKING:
    from argparse import ArgumentParser

DAYS = 30
MOST_DAYS = 366


class Command(BaseCommand):
    """Issue a token of the API; it is shown this once and kept only as a hash."""

    help = "Print a bearer token for a person or a service account, alone on its line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long it is good for (default {DAYS})")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Issue and print."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is nobody called “{options['username']}”.")
        if not 0 < options["days"] <= MOST_DAYS:
            raise CommandError(f"A token is good for 1 to {MOST_DAYS} days.")
        _, secret = ApiToken.objects.create(user=user, expiry=timedelta(days=options["days"]))
        self.stdout.write(secret)
