"""Verification: a sound ledger is called sound, and every kind of tampering is named."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config.kernel.ids import new_id
from config.kernel.people import Machine
from config.kernel.subjects import Subject
from evidence import ledger, verification
from evidence.verification import verify

from .builders import NOON

if TYPE_CHECKING:
    from config.kernel.people import User

ODD = 'said "quoted" \\ back, \t tab, \n line, \x1f control, \x7f delete, é, 漢, 😀, </script>.'


def fill(subject: Subject, *, entries: int, actor: User | None = None) -> None:
    """Record some facts about a subject."""
    with transaction.atomic():
        for number in range(entries):
            ledger.record(
                subject=subject,
                kind="plea.said",
                actor=actor or Machine("policy"),
                acting_for=actor,
                at=NOON,
                sentence=f"{ODD} {number}",
                data={"number": number, "text": ODD},
            )


def tamper(statement: str, *parameters: UUID) -> None:
    """Change the ledger as a database administrator could: with its triggers switched off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE evidence_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        cursor.execute("ALTER TABLE evidence_ledgerentry ENABLE TRIGGER USER")


@pytest.mark.django_db
class TestVerify:
    """What `verify` finds."""

    def test_calls_an_empty_ledger_sound(self) -> None:
        assert verify() == verification.NOTHING

    def test_calls_untouched_chains_sound(self, nora: User) -> None:
        for _ in range(3):
            fill(Subject("plea", new_id()), entries=4)
        fill(Subject("policy_version", new_id()), entries=2, actor=nora)

        report = verify()

        assert (report.entries, report.subjects, report.faults) == (14, 4, ())

    @pytest.mark.parametrize("batch", [1, 2, 3, 5, 13, 14, 100])
    def test_sees_every_chain_whole_whatever_the_batch(self, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
        monkeypatch.setattr(verification, "BATCH_ENTRIES", batch)
        for number in range(5):
            fill(Subject("plea", new_id()), entries=number + 1)
        heard: list[int] = []

        report = verify(progress=heard.append)

        assert (report.entries, report.subjects, report.faults) == (15, 5, ())
        assert sum(heard) == 15

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ("payload = replace(payload, '\"number\":1', '\"number\":7')", "its hash does not fit its payload"),
            ("payload = ''", "its hash does not fit its payload"),
            ("hash = sha256('forged')", "its hash does not fit its payload"),
            ("sentence = 'denied it.'", "its columns do not say what its payload says"),
            ("kind = 'plea.denied'", "its columns do not say what its payload says"),
            ("at = at + interval '1 microsecond'", "its columns do not say what its payload says"),
            ("machine = 'worker'", "its columns do not say what its payload says"),
            ("acting_for_id = (SELECT id FROM kernel_user)", "its columns do not say what its payload says"),
            ("machine = '', actor_id = (SELECT id FROM kernel_user)", "its columns do not say what its payload says"),
            ("prev_hash = sha256('forged')", "is not chained to the entry before it"),
        ],
    )
    def test_names_the_entry_that_was_changed(self, subject: Subject, nora: User, change: str, what: str) -> None:
        fill(subject, entries=3)

        tamper(f"UPDATE evidence_ledgerentry SET {change} WHERE seq = 2")  # noqa: S608 - a table of this test
        report = verify()

        assert (report.faults[0].subject, report.faults[0].seq) == (subject, 2)
        assert what in report.faults[0].what

    def test_names_the_entry_after_one_that_was_taken_out(self, subject: Subject) -> None:
        fill(subject, entries=4)

        tamper("DELETE FROM evidence_ledgerentry WHERE seq = 2")

        assert [(fault.seq, fault.what) for fault in verify().faults] == [
            (3, "follows entry 1: entries between them are missing")
        ]

    def test_names_a_first_entry_that_was_taken_out(self, subject: Subject) -> None:
        fill(subject, entries=2)

        tamper("DELETE FROM evidence_ledgerentry WHERE seq = 1")

        assert [fault.seq for fault in verify().faults] == [2]

    def test_names_the_entry_after_one_that_was_hashed_anew(self, subject: Subject) -> None:
        fill(subject, entries=3)

        tamper("""
            UPDATE evidence_ledgerentry SET payload = replace(payload, '"number":1', '"number":7'), hash = sha256(
                decode('00', 'hex') || prev_hash || int4send(seq)
                || convert_to(replace(payload, '"number":1', '"number":7'), 'UTF8')
            ) WHERE seq = 2
        """)

        assert [(fault.seq, fault.what) for fault in verify().faults] == [(3, "is not chained to the entry before it")]

    def test_names_entries_whose_places_were_swapped(self, subject: Subject) -> None:
        fill(subject, entries=3)

        tamper("UPDATE evidence_ledgerentry SET seq = seq + 10 WHERE seq = 2")
        tamper("UPDATE evidence_ledgerentry SET seq = 2 WHERE seq = 3")
        tamper("UPDATE evidence_ledgerentry SET seq = 3 WHERE seq = 12")

        assert {fault.seq for fault in verify().faults} >= {2, 3}

    def test_names_a_chain_that_was_moved_to_another_subject(self, subject: Subject) -> None:
        fill(subject, entries=2)

        tamper("UPDATE evidence_ledgerentry SET subject_id = %s", uuid4())

        assert {fault.seq for fault in verify().faults} == {1, 2}

    def test_looks_at_one_subject_when_asked(self, subject: Subject) -> None:
        fill(subject, entries=2)
        fill(Subject("plea", new_id()), entries=3)
        tamper("UPDATE evidence_ledgerentry SET sentence = 'denied it.' WHERE subject_id <> %s", subject.id)

        assert verify(subject).entries == 2
        assert verify(subject).is_sound
        assert not verify().is_sound


@pytest.mark.django_db(transaction=True)
class TestVerifyInParallel:
    @pytest.mark.parametrize("connections", [1, 2, 5])
    @pytest.mark.parametrize("batch", [1, 3, 100])
    def test_finds_the_same(self, monkeypatch: pytest.MonkeyPatch, connections: int, batch: int) -> None:
        monkeypatch.setattr(verification, "BATCH_ENTRIES", batch)
        for number in range(8):
            fill(Subject("plea", new_id()), entries=number + 1)
        tamper("UPDATE evidence_ledgerentry SET sentence = 'denied it.' WHERE seq = 7")
        heard: list[int] = []

        report = verify(progress=heard.append, connections=connections)

        assert (report.entries, report.subjects, sum(heard)) == (36, 8, 36)
        assert [fault.seq for fault in report.faults] == [7, 7]


@pytest.mark.django_db
class TestVerifyLedgerCommand:
    """What `manage.py verify_ledger` says."""

    def test_says_that_all_is_well(self, subject: Subject) -> None:
        fill(subject, entries=3)
        told = io.StringIO()

        call_command("verify_ledger", stdout=told)

        assert told.getvalue() == (
            "Entries: 3, subjects: 1, faults: 0. Checkpoints: 0 over 0 entries, faults: 0. "
            "Every entry is in its place and unchanged.\n"
        )

    def test_fails_and_names_the_fault(self, subject: Subject) -> None:
        fill(subject, entries=3)
        tamper("UPDATE evidence_ledgerentry SET sentence = 'denied it.' WHERE seq = 3")
        complained = io.StringIO()

        with pytest.raises(
            CommandError, match=r"Entries: 3, subjects: 1, faults: 1\. Checkpoints: 0 .* The ledger is not"
        ):
            call_command("verify_ledger", stderr=complained)

        assert f"plea {subject.id}: entry 3 was changed: its columns" in complained.getvalue()

    def test_verifies_one_subject(self, subject: Subject) -> None:
        fill(subject, entries=2)
        fill(Subject("plea", new_id()), entries=5)
        told = io.StringIO()

        call_command("verify_ledger", "--subject", str(subject.id), stdout=told)

        assert told.getvalue().startswith("Entries: 2, subjects: 1,")

    def test_fails_for_a_subject_nobody_recorded(self) -> None:
        with pytest.raises(CommandError, match="Nothing is recorded"):
            call_command("verify_ledger", "--subject", str(uuid4()))
