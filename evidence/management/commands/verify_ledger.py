"""manage.py verify_ledger: recompute every chain and the tree over all, and name what was changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from config.kernel.subjects import Subject
from evidence.checkpoints.checking import TreeReport, check_checkpoints
from evidence.models import CheckpointLeaf, LedgerEntry
from evidence.verification import NOTHING, Report, verify

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_FAULTS_PRINTED = 100


class Command(BaseCommand):
    """Verifies the ledger; ends with 0 only when all is well."""

    help = (
        "Recompute the hash chain of every subject and the tree that the checkpoints signed, or the chain of one "
        "subject, and name everything that was changed or is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a subject, a folder of exported checkpoints, and how many connections hash."""
        parser.add_argument("--subject", type=UUID, metavar="UUID", help="verify the chain of this subject only")
        parser.add_argument(
            "--exported", type=Path, metavar="FOLDER", help="compare checkpoints with those that were exported there"
        )
        parser.add_argument(
            "--connections", type=int, metavar="N", help="hash on so many connections (default: one per processor)"
        )

    def handle(
        self,
        *_args: object,
        subject: UUID | None = None,
        exported: Path | None = None,
        connections: int | None = None,
        **_options: object,
    ) -> None:
        """Verify, print the summary, and fail when something was found.

        :raises CommandError: naming the faults, or when nothing is recorded about the subject
        """
        if exported is not None and not exported.is_dir():
            raise CommandError(f"{exported} is no folder.")
        if subject is not None:
            self._tell(_verify_one(subject), None)
            return
        self._tell(_verify_all(connections), _check_tree(exported))

    def _tell(self, report: Report, tree: TreeReport | None) -> None:
        named = [str(fault) for fault in report.faults] + list(tree.faults if tree is not None else ())
        for fault in named[:MOST_FAULTS_PRINTED]:
            self.stderr.write(fault)
        looked_at = f"Entries: {report.entries:,}, subjects: {report.subjects:,}, faults: {len(report.faults):,}."
        if tree is not None:
            signed = f"checkpoints: {tree.checkpoints:,} over {tree.leaves:,} entries, faults: {len(tree.faults):,}."
            looked_at += f" {signed.capitalize()}"
        if named:
            raise CommandError(f"{looked_at} The ledger is not as it was written.")
        self.stdout.write(f"{looked_at} Every entry is in its place and unchanged.")


def _verify_all(connections: int | None) -> Report:
    # What an open transaction wrote is seen by no other connection.
    usable = 1 if connection.in_atomic_block else connections or os.cpu_count() or 1
    with tqdm(total=LedgerEntry.objects.count(), unit=" entries", unit_scale=True, desc="Chains") as bar:
        return verify(progress=bar.update, connections=usable)


def _check_tree(exported: Path | None) -> TreeReport:
    with tqdm(total=CheckpointLeaf.objects.count(), unit=" leaves", unit_scale=True, desc="Checkpoints") as bar:
        return check_checkpoints(at=timezone.now(), exported=exported, progress=bar.update)


def _verify_one(subject_id: UUID) -> Report:
    kinds = LedgerEntry.objects.filter(subject_id=subject_id).values_list("subject_kind", flat=True).distinct()
    report = sum((verify(Subject(kind, subject_id)) for kind in kinds), NOTHING)
    if not report.entries:
        message = f"Nothing is recorded about {subject_id}."
        raise CommandError(message)
    return report
