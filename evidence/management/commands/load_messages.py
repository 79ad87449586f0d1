"""Install the texts of messages to customers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from evidence.letters.editions import install_supplied
from evidence.models import MessageTemplate


class Command(BaseCommand):
    """Install what is not there yet; what somebody wrote stays. Without it, each is installed when first needed."""

    help = __doc__ or ""

    def handle(self, *_: Any, **__: Any) -> None:
        """Install them."""
        install_supplied()
        self.stdout.write(f"{MessageTemplate.objects.count()} texts are there.")
