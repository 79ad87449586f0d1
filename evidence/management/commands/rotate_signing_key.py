"""manage.py rotate_signing_key: put a new key in force for checkpoints, and record it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from evidence.checkpoints.keys import OPERATOR, UnableToSign, rotate_key


class Command(BaseCommand):
    """Makes a key in SIGNING_KEY_FILE; the one before it stays listed, for what it signed."""

    help = "Make a new signing key in SIGNING_KEY_FILE, retire the one in force, and record both in the ledger."

    def handle(self, *_words: Any, **_options: Any) -> None:
        """Rotate, and print the public key for whoever verifies."""
        try:
            key = rotate_key(actor=OPERATOR, at=timezone.now())
        except (UnableToSign, OSError) as no:
            raise CommandError(str(no)) from no
        self.stdout.write(key.verifier)
