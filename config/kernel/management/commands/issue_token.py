"""Print a bearer token of somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from config.kernel.people import User
from config.kernel.tokens import ApiToken

if TYPE_CHECKING:
    from argparse import ArgumentParser

DAYS = 30
MOST_DAYS = 366
MOST_MINUTES = 60


class Command(BaseCommand):
    """Issue a token of the API; it is shown this once and kept only as a hash."""

    help = "Print a bearer token for a person or a service account, alone on its line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long it is good for (default {DAYS})")
        parser.add_argument(
            "--step-up",
            type=int,
            metavar="MINUTES",
            help="how long it stands for a fresh sign-in, which large approvals ask for (default 0; the demo: always)",
        )

    def handle(self, *_words: Any, **options: Any) -> None:
        """Issue and print."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is nobody called “{options['username']}”.")
        minutes = options["step_up"]
        if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
            raise CommandError(f"A token stands for a fresh sign-in for 0 to {MOST_MINUTES} minutes.")
        if not 0 < options["days"] <= MOST_DAYS:
            raise CommandError(f"A token is good for 1 to {MOST_DAYS} days.")
        good_for = timedelta(days=options["days"])
        if minutes is not None:
            fresh_for = min(timedelta(minutes=minutes), good_for)
        else:
            # Nobody in the demo has a password to step up with.
            fresh_for = good_for if settings.DEMO else timedelta()
        at = timezone.now()
        with transaction.atomic():
            token, secret = ApiToken.objects.create(user=user, expiry=good_for)
            if fresh_for:
                token.step_up_until = at + fresh_for
                token.save(update_fields=["step_up_until"])
            import_string(settings.TOKEN_RECORDED)(
                person=user, days=options["days"], step_up_until=token.step_up_until, at=at
            )
        self.stdout.write(secret)
