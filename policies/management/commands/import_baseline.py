"""Judge past refunds by a version, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.people import User
from config.kernel.refusals import NotPermitted, Refused
from policies.baselines.counting import sentences_of
from policies.baselines.judging import ask_baseline, check_file, run_baseline
from policies.models import PolicyVersion

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Say what a version would have done with the refunds of a file; no money moves."""

    help = "Judge a CSV file of past refunds by a version: whole or not at all, twice adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, the version, and who answers for it."""
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--policy", required=True, metavar="SLUG")
        parser.add_argument("--version-number", required=True, type=int, metavar="N")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="whose upload this is, such as mei")
        parser.add_argument("--dry-run", action="store_true", help="only check the file")

    def handle(self, *_words: Any, **options: Any) -> None:
        """Judge, and say what came of it."""
        actor = User.objects.filter(username=options["by"]).first()
        version = PolicyVersion.objects.filter(policy__slug=options["policy"], number=options["version_number"]).first()
        if actor is None or version is None or not options["path"].is_file():
            message = "There is no such person, version or file."
            raise CommandError(message)
        words = {
            "version_id": version.pk,
            "content": options["path"].read_bytes(),
            "actor": actor,
            "at": timezone.now(),
        }
        try:
            if options["dry_run"]:
                self.stdout.write(f"{len(check_file(**words)):,} refunds; nothing was kept.")
                return
            baseline, is_new = ask_baseline(**words)
        except NotPermitted as no:
            raise CommandError(str(no)) from None
        except Refused as no:
            raise CommandError("\n".join(reason.detail for reason in no.reasons)) from None
        if is_new:
            run_baseline(job_id=baseline.job_id)
        else:
            self.stdout.write("This file was judged by this version before; nothing was added.")
        for sentence in sentences_of(baseline):
            self.stdout.write(sentence)
