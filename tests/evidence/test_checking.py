"""What the checkpoints catch that no chain can: a database administrator who hashes everything anew."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from evidence.checkpoints.checking import check_checkpoints
from evidence.checkpoints.errands import do_errands
from evidence.checkpoints.making import catch_up, make_checkpoint
from evidence.models import Checkpoint
from evidence.verification import verify
from tests.harness.world import NOON

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from pytest_django.fixtures import Settings

    from config.kernel.subjects import Subject

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]

REWRITE = """
    WITH RECURSIVE told AS (
        SELECT id, seq, replace(payload, 'said 1.', 'took 1.') AS payload,
            sha256(convert_to(subject_kind || ':' || subject_id, 'UTF8')) AS prev_hash
        FROM evidence_ledgerentry WHERE subject_id = %(subject)s AND seq = 1
        UNION ALL
        SELECT entry.id, entry.seq, replace(entry.payload, 'said 1.', 'took 1.'),
            sha256(decode('00', 'hex') || told.prev_hash || int4send(told.seq) || convert_to(told.payload, 'UTF8'))
        FROM told JOIN evidence_ledgerentry AS entry ON entry.subject_id = %(subject)s AND entry.seq = told.seq + 1
    )
    UPDATE evidence_ledgerentry AS entry SET payload = told.payload, prev_hash = told.prev_hash,
        sentence = replace(entry.sentence, 'said 1.', 'took 1.'),
        hash = sha256(decode('00', 'hex') || told.prev_hash || int4send(told.seq) || convert_to(told.payload, 'UTF8'))
    FROM told WHERE told.id = entry.id
"""
LEAVES_FOLLOW = """
    UPDATE evidence_checkpointleaf AS leaf SET entry_hash = entry.hash
    FROM evidence_ledgerentry AS entry WHERE entry.id = leaf.entry_id
"""
TABLES = ("ledgerentry", "checkpointleaf", "checkpointnode", "checkpoint", "signingkey")


def as_administrator(*statements: str, **words: UUID) -> None:
    """Do as somebody who owns the database and switches triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE evidence_{table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement, words or None)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE evidence_{table} ENABLE TRIGGER USER")


def faults() -> list[str]:
    """Check everything that should be covered by noon."""
    return list(check_checkpoints(at=NOON).faults)


@pytest.fixture
def subject() -> Subject:
    """Sign three checkpoints over some subjects, and answer one of them."""
    about = entries(5)
    checkpoint()
    entries(300)
    checkpoint(5)
    entries(5, about)
    catch_up(at=NOON + timedelta(minutes=10))
    return about


class TestCheckCheckpoints:
    def test_calls_an_untouched_ledger_sound(self, subject: Subject) -> None:
        heard: list[int] = []

        report = check_checkpoints(at=NOON, progress=heard.append)

        assert (report.checkpoints, report.leaves, report.faults) == (3, 311, ())
        assert sum(heard) == 311

    def test_catches_a_chain_that_was_hashed_anew_from_end_to_end(self, subject: Subject) -> None:
        as_administrator(REWRITE, subject=subject.id)

        assert verify().is_sound
        found = faults()
        assert any(f"{subject.id}: entry 2 was hashed anew after it was signed for." in fault for fault in found)
        assert "Checkpoint 1 signed another root than the ledger has now." in found

    def test_catches_it_when_the_leaves_were_made_to_follow(self, subject: Subject) -> None:
        as_administrator(REWRITE, LEAVES_FOLLOW, subject=subject.id)

        assert verify().is_sound
        assert [fault for fault in faults() if "another root" in fault] == [
            f"Checkpoint {number} signed another root than the ledger has now." for number in (1, 2, 3)
        ]

    def test_catches_roots_that_were_made_to_follow_without_the_key(self, subject: Subject) -> None:
        as_administrator("UPDATE evidence_checkpoint SET root = sha256('forged') WHERE number = 2")

        assert "Checkpoint 2 was changed: its columns do not say what its note says." in faults()

    def test_catches_a_forged_note(self, subject: Subject) -> None:
        as_administrator("UPDATE evidence_checkpoint SET note = replace(note, 'time 2026', 'time 2025')")

        found = faults()
        assert "Checkpoint 1 is not signed: Its signature does not fit its text." in found
        assert "Checkpoint 2 does not follow the note before it." in found

    @pytest.mark.parametrize("number", [1, 2])
    def test_catches_a_checkpoint_that_was_taken_out(self, subject: Subject, number: int) -> None:
        as_administrator(f"DELETE FROM evidence_checkpoint WHERE number = {number}")  # noqa: S608 - a number of ours

        assert any("missing" in fault for fault in faults())
        assert any("does not follow the note before it" in fault for fault in faults())

    def test_catches_the_end_of_a_chain_that_was_cut_off(self, subject: Subject) -> None:
        as_administrator(
            "DELETE FROM evidence_checkpointleaf WHERE entry_id IN (SELECT id FROM evidence_ledgerentry"
            " WHERE subject_id = %(subject)s AND seq = 10)",
            "DELETE FROM evidence_ledgerentry WHERE subject_id = %(subject)s AND seq = 10",
            subject=subject.id,
        )

        assert verify().is_sound
        assert any("is missing; no checkpoint from there on" in fault for fault in faults())

    def test_catches_an_entry_that_was_never_signed_for(self, subject: Subject) -> None:
        entries(2)

        later = timezone.now() + timedelta(minutes=16)

        assert check_checkpoints(at=timezone.now()).faults == ()
        assert check_checkpoints(at=later).faults[0].startswith("2 entries are under no checkpoint, first entry 1 of")

    def test_catches_a_kept_subtree_that_was_changed(self, subject: Subject) -> None:
        as_administrator("UPDATE evidence_checkpointnode SET hash = sha256('forged')")

        assert faults() == ["1 kept hashes of subtrees are not what their leaves say, first (8, 0)."]

    def test_catches_a_signature_from_after_a_key_was_retired(self, subject: Subject) -> None:
        as_administrator("UPDATE evidence_signingkey SET retired_at = since + interval '1 minute'")

        assert any("which was not in force then" in fault for fault in faults())


class TestCopiesElsewhere:
    def test_catch_a_past_that_was_signed_anew_with_the_key_itself(self, settings: Settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_EXPORT = str(tmp_path / "elsewhere")
        subject = entries(3)
        checkpoint()
        entries(1)
        checkpoint(5)
        do_errands(at=NOON + timedelta(minutes=5))
        empty = [
            "DELETE FROM evidence_checkpointerrand",
            "DELETE FROM evidence_checkpointleaf",
            "DELETE FROM evidence_checkpoint",
        ]
        as_administrator(REWRITE.replace("%(subject)s", f"'{subject.id}'"), *empty)
        made = make_checkpoint(at=NOON)

        report = check_checkpoints(at=NOON, exported=tmp_path / "elsewhere")

        assert made is not None
        assert check_checkpoints(at=NOON).is_sound
        assert report.faults == (
            "Checkpoint 1 is not the one that was exported.",
            "checkpoint-000000002.txt was exported, and there is no such checkpoint any more.",
        )


class TestTheCommand:
    def test_says_how_much_is_under_checkpoints(self, subject: Subject) -> None:
        told = io.StringIO()

        call_command("verify_ledger", stdout=told)

        assert "Checkpoints: 3 over 311 entries, faults: 0. Every entry is in its place" in told.getvalue()

    def test_fails_when_a_chain_was_hashed_anew(self, subject: Subject) -> None:
        as_administrator(REWRITE, LEAVES_FOLLOW, subject=subject.id)
        complained = io.StringIO()

        with pytest.raises(CommandError, match=r"faults: 0\. Checkpoints: 3 over 311 entries, faults: 4\."):
            call_command("verify_ledger", stderr=complained)

        assert complained.getvalue().count("another root") == 3

    def test_compares_with_what_was_exported(self, subject: Subject, tmp_path: Path) -> None:
        (tmp_path / "checkpoint-000000001.txt").write_text(Checkpoint.objects.get(number=1).note)
        (tmp_path / "checkpoint-000000002.txt").write_text("another")
        complained = io.StringIO()

        with pytest.raises(CommandError):
            call_command("verify_ledger", exported=tmp_path, stderr=complained)

        assert complained.getvalue() == "Checkpoint 2 is not the one that was exported.\n"
