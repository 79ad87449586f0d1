"""manage.py verify_ledger: recompute every chain and name what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.kernel.subjects import Subject
from evidence.models import LedgerEntry
from evidence.verification import NOTHING, Report, verify

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_FAULTS_PRINTED = 100


class Command(BaseCommand):
    """Verifies the ledger; ends with 0 only when all is well."""

    help = "Recompute the hash chain of every subject, or of one, and name every entry that was changed or is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a subject."""
        parser.add_argument("--subject", type=UUID, metavar="UUID", help="verify the chain of this subject only")

    def handle(self, *_args: object, subject: UUID | None = None, **_options: object) -> None:
        """Verify, print the summary, and fail when something was found.

        :raises CommandError: naming the faults, or when nothing is recorded about the subject
        """
        report = _verify_all() if subject is None else _verify_one(subject)
        for fault in report.faults[:MOST_FAULTS_PRINTED]:
            self.stderr.write(str(fault))
        looked_at = f"Entries: {report.entries:,}, subjects: {report.subjects:,}, faults: {len(report.faults):,}."
        if not report.is_sound:
            message = f"{looked_at} The ledger is not as it was written."
            raise CommandError(message)
        self.stdout.write(f"{looked_at} Every entry is in its place and unchanged.")


def _verify_all() -> Report:
    with tqdm(total=LedgerEntry.objects.count(), unit=" entries", unit_scale=True, desc="Verifying") as bar:
        return verify(progress=bar.update)


def _verify_one(subject_id: UUID) -> Report:
    kinds = LedgerEntry.objects.filter(subject_id=subject_id).values_list("subject_kind", flat=True).distinct()
    report = sum((verify(Subject(kind, subject_id)) for kind in kinds), NOTHING)
    if not report.entries:
        message = f"Nothing is recorded about {subject_id}."
        raise CommandError(message)
    return report
