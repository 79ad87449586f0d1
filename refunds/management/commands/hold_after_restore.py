"""Keep all money here after a restore, and ask the processors what left in the time that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.people import User
from config.kernel.refusals import NotPermitted
from refunds.gateways.base import GatewayUnreachable
from refunds.restoring.asking import ask_processors
from refunds.restoring.holding import hold_after_restore

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Run before any worker starts; again when a processor could not be asked."""

    help = (
        "After a restore and before any worker starts: set the freeze “Everything”, ask every processor what left "
        "since the backup and write it down. The freeze can be lifted only after that, and by somebody else than --by."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who holds the right to freeze")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Hold, ask, and say what was found."""
        actor = User.objects.filter(username=options["by"], is_active=True).first()
        if actor is None:
            raise CommandError(f"Nobody is called {options['by']}.")
        try:
            restore = hold_after_restore(actor=actor, at=timezone.now())
            self.stdout.write(f"Everything is frozen. What is known here ends at {restore.data_until}.")
            found = ask_processors(restore_id=restore.pk, actor=actor, at=timezone.now())
        except NotPermitted as no:
            raise CommandError(no.detail) from no
        except GatewayUnreachable as silence:
            raise CommandError(f"A processor does not answer ({silence}); the hold stays. Run this again.") from None
        self.stdout.write(
            f"{found.caught_up} refunds were sent before and are recorded now, {found.lost} were made for requests "
            f"whose approval is lost, {found.movements} other movements were read. Somebody else may lift the freeze."
        )
