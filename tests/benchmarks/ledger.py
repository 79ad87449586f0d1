"""The ledger's price: appends next to the same without a chain and to plain inserts, verification next to SHA-256.

Appends with eight writers: one fact, one transaction, by `ledger.record`; the reference is the very same with a trigger
that numbers the rows in the place of the one that chains them. Appends of one writer, canonical text, chain, news and
what is told outside included; the reference inserts the very same columns by the same connection, one row and one
transaction each, into a copy of the table with its indexes and without its triggers. Verification: every chain, and
then the tree with its signatures; the reference hashes each entry's prefix and payload once with `hashlib`, from
memory. The chains alone are measured next to a loop over the ORM too, which looks at place, link and hash of each
entry, and not even at its columns.

Run: `python -m tests.benchmarks.ledger`.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - Django must be set up first
from django.test import override_settings  # noqa: E402

from config.kernel.ids import new_id  # noqa: E402
from config.kernel.people import Machine  # noqa: E402
from config.kernel.subjects import Subject  # noqa: E402
from evidence import ledger  # noqa: E402
from evidence.checkpoints.checking import check_checkpoints  # noqa: E402
from evidence.checkpoints.making import catch_up  # noqa: E402
from evidence.ledger import COLUMNS, NewEntry  # noqa: E402
from evidence.models import LedgerEntry  # noqa: E402
from evidence.verification import verify  # noqa: E402
from tests.benchmarks.measure import ROUNDS, own_database, report, seconds, sized  # noqa: E402
from tests.harness.world import NOON  # noqa: E402

APPENDS = sized(small=300, full=2_000)
SUBJECTS = 200
WRITERS = 8
VERIFIED = sized(small=20_000, full=200_000)
CHAIN = 10
POLICY = Machine("policy")
CHAINING, NUMBERING = "pgtrigger_chain_entry_%", "number_entry"
PLAIN = f"INSERT INTO plain_entry ({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608


def main() -> int:
    """Measure and report."""
    with own_database(), tempfile.TemporaryDirectory() as folder:
        with override_settings(SIGNING_KEY_FILE=str(Path(folder) / "key.pem")):
            stands = [_appends(), _verification(), _chain_price()]
    return 0 if all(stands) else 1


def _fact(subject: Subject, number: int) -> NewEntry:
    return NewEntry(
        subject=subject,
        kind="refund_request.approved",
        actor=POLICY,
        at=NOON,
        sentence=f"approved GBP {number}.00 within policy.",
        data={"amount_minor": number * 100, "currency": "GBP", "decision": str(subject.id), "stepped_up": False},
    )


def _appends() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain_entry (LIKE evidence_ledgerentry INCLUDING ALL)")
        cursor.execute("ALTER TABLE plain_entry DROP CONSTRAINT ledger_entry_is_chained")
        # Every plain row has place 0; the index stays, as dear as before.
        cursor.execute("DROP INDEX IF EXISTS plain_entry_subject_kind_subject_id_seq_idx")
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'plain_entry'::regclass AND contype = 'u'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE plain_entry DROP CONSTRAINT "{name}"')
        cursor.execute("CREATE INDEX ON plain_entry (subject_kind, subject_id, seq)")
    ours, reference, crowds, plain_crowds = [], [], [], []
    for _ in range(ROUNDS):
        subjects = [Subject("refund_request", new_id()) for _ in range(SUBJECTS)]
        facts = [_fact(subjects[number % SUBJECTS], number) for number in range(APPENDS)]
        ours.append(APPENDS / seconds(lambda facts=facts: _record(facts)))  # type: ignore[misc]  # bound now
        chosen = LedgerEntry.objects.filter(subject_id__in=[one.id for one in subjects]).order_by("pk")
        rows = list(chosen.values_list(*COLUMNS))
        reference.append(APPENDS / seconds(lambda rows=rows: _insert(rows)))  # type: ignore[misc]  # bound now
        crowds.append(APPENDS / seconds(lambda facts=facts: _record_all(facts)))  # type: ignore[misc]  # bound now
        plain_crowds.append(APPENDS / seconds(lambda rows=rows: _insert_all(rows)))  # type: ignore[misc]  # bound now
    alone = report(
        "ledger_appends", ours=ours, reference=reference, unit="entries/s", floor=0.5, target=0.9,
        note="(a transaction each; most of both is the commit)",
    )  # fmt: skip
    together = report(
        "ledger_appends_at_once", ours=crowds, reference=plain_crowds, unit="entries/s", floor=0.05, target=0.2,
        note=f"({APPENDS:,} in one transaction)",
    )  # fmt: skip
    return alone and together


def _record_all(facts: list[NewEntry]) -> None:
    with transaction.atomic():
        ledger.record_all(facts)


def _insert_all(rows: list[tuple[object, ...]]) -> None:
    """Send as many rows a statement as `record_all` does."""
    head = PLAIN.partition("VALUES")[0]
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(rows), ledger.ROWS_AT_ONCE):
            some = rows[start : start + ledger.ROWS_AT_ONCE]
            values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(some))
            cursor.execute(f"{head} VALUES {values}", [column for row in some for column in row])  # type: ignore[misc]


def _record(facts: list[NewEntry]) -> None:
    for fact in facts:
        with transaction.atomic():
            ledger.record_all([fact])


def _insert(rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PLAIN, row)  # type: ignore[arg-type]  # columns of our own table


def _chain_price() -> bool:
    """Let eight write with the chain and without it; last, because rows without one are no ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'evidence_ledgerentry'::regclass AND tgname LIKE %s",
            [CHAINING],
        )
        ((chaining,),) = cursor.fetchall()
        # Far from the places of real chains, so that no row of theirs has the same one.
        cursor.execute("CREATE SEQUENCE place START 1000000")
        cursor.execute(
            "CREATE FUNCTION number_entry() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.seq := nextval('place'); RETURN NEW; END$$"
        )
        cursor.execute(
            "CREATE TRIGGER number_entry BEFORE INSERT ON evidence_ledgerentry "
            "FOR EACH ROW EXECUTE FUNCTION number_entry()"
        )
    chained: list[float] = []
    unchained: list[float] = []
    for _ in range(ROUNDS):
        for on, off, rates in ((chaining, NUMBERING, chained), (NUMBERING, chaining, unchained)):
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE evidence_ledgerentry DISABLE TRIGGER {off}")
                cursor.execute(f"ALTER TABLE evidence_ledgerentry ENABLE TRIGGER {on}")
            rates.append(APPENDS / seconds(_record_by_eight))
    return report(
        "ledger_chain", ours=chained, reference=unchained, unit="entries/s", floor=0.9, target=0.9,
        note=f"({WRITERS} writers, a transaction each, with and without the chain)",
    )  # fmt: skip


def _record_by_eight() -> None:
    """Let each writer record an eighth of the facts, each of them over subjects of its own."""
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(_record_share, range(WRITERS)))


def _record_share(_writer: int) -> None:
    subjects = [Subject("refund_request", new_id()) for _ in range(SUBJECTS // WRITERS)]
    _record([_fact(subjects[number % len(subjects)], number) for number in range(APPENDS // WRITERS)])
    connection.close()


def _verification() -> bool:
    for start in range(0, VERIFIED, 5_000):
        subjects = [Subject("refund_request", new_id()) for _ in range(5_000 // CHAIN)]
        with transaction.atomic():
            ledger.record_all([_fact(one, start + place) for one in subjects for place in range(CHAIN)])
    catch_up(at=NOON)
    catch_up(at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    stored = LedgerEntry.objects.order_by("pk").values_list("prev_hash", "seq", "payload")
    texts = [b"\x00" + bytes(before) + seq.to_bytes(4) + payload.encode() for before, seq, payload in stored]
    ours, reference, chains, loops = [], [], [], []
    for _ in range(ROUNDS):
        ours.append(len(texts) / seconds(_verify))
        reference.append(len(texts) / seconds(lambda: [hashlib.sha256(text).digest() for text in texts]))
        chains.append(len(texts) / seconds(_verify_chains))
        loops.append(len(texts) / seconds(_loop))
    note = f"({len(texts):,} entries: chains on {os.cpu_count()} connections, then the tree)"
    whole = report(
        "ledger_verification", ours=ours, reference=reference, unit="entries/s", floor=0.25, target=0.5, note=note
    )
    alone = report(
        "ledger_chains", ours=chains, reference=loops, unit="entries/s", floor=2.0, target=2.7, note="(an ORM loop)"
    )
    return whole and alone


def _verify_chains() -> None:
    if not verify(connections=os.cpu_count() or 1).is_sound:
        raise RuntimeError


def _loop() -> None:
    subject, seq, before = None, 0, b""
    for entry in LedgerEntry.objects.order_by("subject_kind", "subject_id", "seq").iterator(chunk_size=2_000):
        if entry.subject != subject:
            subject, seq = entry.subject, 0
            before = hashlib.sha256(f"{subject.kind}:{subject.id}".encode()).digest()
        seq += 1
        hashed = hashlib.sha256(b"\x00" + before + seq.to_bytes(4) + entry.payload.encode()).digest()
        if (entry.seq, bytes(entry.prev_hash), bytes(entry.hash)) != (seq, before, hashed):
            raise RuntimeError
        before = hashed


def _verify() -> None:
    chains, tree = verify(connections=os.cpu_count() or 1), check_checkpoints(at=NOON)
    if chains.faults or tree.faults:
        raise RuntimeError(f"{chains.faults[:3]} {tree.faults[:3]}")


if __name__ == "__main__":
    sys.exit(main())
