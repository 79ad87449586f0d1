"""The ledger: what is written, how it is chained, what it refuses."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from config.kernel.ids import new_id
from config.kernel.outbox import OutboxRow
from config.kernel.people import Machine, User
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.ledger import NewEntry, UnableToRecord
from evidence.models import LedgerEntry
from evidence.verification import verify
from tests.harness.races import in_the_same_instant

from .builders import NOON

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries, Settings

POLICY = Machine("policy")
HEARD: tuple[str, ...] = ("evidence.tasks.send_message",)
SUBSCRIPTIONS = {"plea.heard": HEARD}


def write(subject: Subject, sentence: str = "said so.", **changes: object) -> None:
    """Record one fact of the policy's, in a transaction of its own."""
    with transaction.atomic():
        ledger.record(
            **{"subject": subject, "kind": "plea.said", "actor": POLICY, "at": NOON, "sentence": sentence, **changes}  # type: ignore[arg-type]  # a test's shorthand
        )


@pytest.mark.django_db
class TestRecord:
    """What `record` writes."""

    def test_writes_who_did_what_and_when(self, subject: Subject, nora: User, stan: User) -> None:
        write(
            subject,
            "approved GBP 12.00.",
            kind="plea.approved",
            actor=nora,
            acting_for=stan,
            data={"amount_minor": 1200},
        )

        entry = ledger.timeline_of(subject).get()

        assert (entry.actor, entry.machine, entry.acting_for) == (nora, "", stan)
        assert (entry.seq, entry.kind, entry.at, entry.sentence) == (1, "plea.approved", NOON, "approved GBP 12.00.")
        assert entry.subject == subject
        assert entry.actor_name == "nora"

    def test_names_a_machine_that_is_nobody(self, subject: Subject) -> None:
        write(subject)

        entry = ledger.timeline_of(subject).get()

        assert (entry.actor, entry.machine, entry.actor_name) == (None, "policy", "Policy")

    def test_hashes_the_canonical_text_of_everything_said(self, subject: Subject, nora: User) -> None:
        write(subject, "said “ä”.", actor=nora, data={"z": 1, "a": [True, None, "\n"]})

        entry = ledger.timeline_of(subject).get()

        assert entry.payload == (
            f'{{"acting_for":null,"actor":"user:{nora.pk}","at":"2026-03-02T12:00:00.123456Z",'
            '"data":{"a":[true,null,"\\n"],"z":1},"kind":"plea.said","sentence":"said “ä”.",'
            f'"subject_id":"{subject.id}","subject_kind":"plea"}}'
        )
        first = hashlib.sha256(f"plea:{subject.id}".encode()).digest()
        assert bytes(entry.prev_hash) == first
        assert (
            bytes(entry.hash) == hashlib.sha256(b"\x00" + first + b"\x00\x00\x00\x01" + entry.payload.encode()).digest()
        )

    def test_chains_each_entry_to_the_one_before_it(self, subject: Subject) -> None:
        for number in range(3):
            write(subject, f"said {number}.")

        entries = list(ledger.timeline_of(subject))

        assert [entry.seq for entry in entries] == [1, 2, 3]
        assert [entry.prev_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]

    def test_starts_a_chain_of_its_own_for_each_subject(self, subject: Subject) -> None:
        write(subject)
        write(Subject("policy_version", subject.id))

        assert set(LedgerEntry.objects.values_list("seq", flat=True)) == {1}
        assert LedgerEntry.objects.values("hash").distinct().count() == 2

    def test_says_a_moment_in_utc(self, subject: Subject) -> None:
        write(subject, at=NOON.astimezone(timezone(timedelta(hours=5))))

        assert '"at":"2026-03-02T12:00:00.123456Z"' in ledger.timeline_of(subject).get().payload

    def test_publishes_its_kind_as_news(self, subject: Subject, settings: Settings) -> None:
        settings.NEWS_SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"

        write(subject, kind="plea.heard")

        row = OutboxRow.objects.get()
        assert (row.news, row.ids) == ("plea.heard", {"subject_id": str(subject.id)})

    @pytest.mark.parametrize("value", [1.5, float("nan"), Decimal(1), NOON, {"deep": [0.1]}, {1: "one"}, 2**60, {"a"}])
    def test_refuses_what_json_cannot_say_in_exactly_one_way(self, subject: Subject, value: object) -> None:
        with pytest.raises(UnableToRecord):
            write(subject, data={"value": value})

        assert not LedgerEntry.objects.exists()

    def test_refuses_a_nul_character(self, subject: Subject) -> None:
        with pytest.raises(UnableToRecord):
            write(subject, "said \x00.")

    def test_costs_one_statement(self, subject: Subject, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with transaction.atomic(), django_assert_num_queries(1):
            ledger.record(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence="said so.")


@pytest.mark.django_db(transaction=True)
class TestRecordOutsideATransaction:
    """Recording without a fact to stand beside."""

    def test_is_refused(self, subject: Subject) -> None:
        with pytest.raises(UnableToRecord):
            ledger.record(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence="said so.")

        assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
class TestRecordAll:
    """What `record_all` writes."""

    def test_writes_all_in_one_statement_and_keeps_the_order_within_a_subject(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        subjects = [Subject("plea", new_id()) for _ in range(3)]
        entries = [
            NewEntry(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence=f"said {number}.")
            for number in range(4)
            for subject in reversed(subjects)
        ]

        with transaction.atomic(), django_assert_num_queries(1):
            ledger.record_all(entries)

        for subject in subjects:
            said = list(ledger.timeline_of(subject).values_list("seq", "sentence"))
            assert said == [(1, "said 0."), (2, "said 1."), (3, "said 2."), (4, "said 3.")]
        assert verify().is_sound

    def test_writes_nothing_when_one_entry_is_refused(self, subject: Subject) -> None:
        good = NewEntry(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence="said so.")
        bad = NewEntry(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence="said so.", data={"x": 0.5})

        with pytest.raises(UnableToRecord), transaction.atomic():
            ledger.record_all([good, bad])

        assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
class TestLedgerIsAppendOnly:
    """What PostgreSQL refuses, whoever asks."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE evidence_ledgerentry SET sentence = 'denied it.'",
            "UPDATE evidence_ledgerentry SET seq = seq + 1",
            "DELETE FROM evidence_ledgerentry",
            "TRUNCATE evidence_ledgerentry CASCADE",
        ],
    )
    def test_refuses_a_change(self, subject: Subject, statement: str) -> None:
        write(subject)

        with connection.cursor() as cursor:
            # Checks that wait for the end of the transaction would refuse TRUNCATE before our trigger could.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(statement)

        assert ledger.timeline_of(subject).get().sentence == "said so."

    def test_refuses_a_change_through_the_model(self, subject: Subject) -> None:
        write(subject)
        entry = ledger.timeline_of(subject).get()
        entry.sentence = "denied it."

        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.delete()

    def test_ignores_a_place_or_hash_that_somebody_brings_along(self, subject: Subject) -> None:
        with transaction.atomic():
            forged = LedgerEntry.objects.create(
                subject_kind="plea", subject_id=subject.id, seq=77, kind="plea.said", machine="policy", at=NOON,
                sentence="said so.", payload=json.dumps({}), prev_hash=b"1" * 32, hash=b"2" * 32,
            )  # fmt: skip

        forged.refresh_from_db()
        assert forged.seq == 1
        assert bytes(forged.hash) != b"2" * 32

    def test_refuses_an_entry_of_nobody(self, subject: Subject) -> None:
        with pytest.raises(IntegrityError, match="one_actor"), transaction.atomic():
            LedgerEntry.objects.create(
                subject_kind="plea", subject_id=subject.id, kind="plea.said", at=NOON, sentence="", payload="{}"
            )


@pytest.mark.django_db(transaction=True)
class TestConcurrentWriters:
    """Several writers about one subject."""

    def test_leave_no_gap_and_no_fork(self, subject: Subject) -> None:
        def work(writer: int) -> None:
            for number in range(10):
                write(subject, f"{writer} said {number}.")

        results = in_the_same_instant(*(partial(work, writer) for writer in range(6)))

        assert results == [None] * 6
        assert list(ledger.timeline_of(subject).values_list("seq", flat=True)) == list(range(1, 61))
        assert verify(subject).is_sound

    def test_never_wait_for_each_other_whatever_order_they_write_in(self) -> None:
        subjects = [Subject("plea", new_id()) for _ in range(8)]

        def write_all(order: list[Subject]) -> None:
            for _ in range(10):
                with transaction.atomic():
                    ledger.record_all(
                        [
                            NewEntry(subject=subject, kind="plea.said", actor=POLICY, at=NOON, sentence="said so.")
                            for subject in order
                        ]
                    )

        results = in_the_same_instant(
            *(partial(write_all, order) for order in (subjects, subjects[::-1], subjects[4:] + subjects[:4]))
        )

        assert results == [None, None, None]
        report = verify()
        assert (report.entries, report.subjects, report.faults) == (240, 8, ())
