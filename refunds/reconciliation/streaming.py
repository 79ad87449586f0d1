"""Take in a file that is too long for an upload: line by line, in a bounded memory, whole or not at all."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.jobs import queue_job
from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence.uploads import plain_name
from refunds.models import Statement

from .checking import LARGEST_FILE_BYTES, LINES_AT_ONCE, WholeCheck, check_agrees_with_known_lines, refusal_of
from .formats.base import HEAD_BYTES
from .formats.table import TableFormat
from .importing import KIND, check_may_upload, lock_lines, record_statement, standing, store, store_balances
from .readers import choose
from .report import BrokenReport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from config.kernel.people import User

    from .readers import Choice


def import_file(
    *, path: Path, actor: User, at: datetime, heard: Callable[[int], None], account: str = "", name: str = ""
) -> tuple[Statement, bool]:
    """Check a CSV file from beginning to end, then store its lines in one transaction and queue their matching.

    `heard` is told how many lines are stored. Answers the first statement, and False, for a file that is known. A file
    that is larger than an upload may be is not kept here, only its hash: keep it where it is.

    :raises NotPermitted: without the rights to add statements and to reconcile
    :raises Refused: `not_a_table` for a format that is read as a whole, else as an upload
    """
    check_may_upload(actor)
    with path.open("rb") as file:
        choice = choose(file.read(HEAD_BYTES), account=account, name=name)
        sha256 = _digest(file)
        known = standing(choice.account, sha256)
        if known is not None:
            return known, False
        try:
            return _stored(file, choice, filename=plain_name(path.name), sha256=sha256, actor=actor, at=at, heard=heard)
        except BrokenReport as broken:
            raise refusal_of(broken) from broken


def _stored(
    file: BinaryIO,
    choice: Choice,
    *,
    filename: str,
    sha256: str,
    actor: User,
    at: datetime,
    heard: Callable[[int], None],
) -> tuple[Statement, bool]:
    """Read the file twice: to believe it, and to store it."""
    table = choice.format
    if not isinstance(table, TableFormat):
        raise Refused(
            "not_a_table",
            said("{label} is read as a whole. Upload it, in parts of up to 20 MB.", label=table.label),
            "file",
        )
    summary = table.summary_of(file)
    whole = WholeCheck(at=at)
    with transaction.atomic(durable=True):
        lock_lines(choice.account)
        statement, is_new = record_statement(
            summary,
            account=choice.account,
            filename=filename,
            content=_kept(file),
            sha256=sha256,
            actor=actor,
            at=at,
        )
        if not is_new:
            return statement, False
        lines = table.lines_of(file)
        done = 0
        while batch := list(islice(lines, LINES_AT_ONCE)):
            whole.see(batch)
            check_agrees_with_known_lines(batch, choice.account)
            store(statement, batch)
            done += len(batch)
            heard(done)
        whole.finish(done, summary.balances)
        store_balances(statement, summary.balances)
        Statement.objects.filter(pk=statement.pk).update(is_imported=True)
        queue_job(kind=KIND, subject_id=statement.pk, actor=actor, at=at, total=summary.line_count)
    return statement, True


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _kept(file: BinaryIO) -> bytes:
    file.seek(0)
    content = file.read(LARGEST_FILE_BYTES + 1)
    return content if len(content) <= LARGEST_FILE_BYTES else b""
