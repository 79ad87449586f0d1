"""Writing down what happened: one entry per fact, in the same transaction as the fact."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

import rfc8785
from django.db import connection

from config.kernel.outbox import publish
from config.kernel.people import Actor, Machine, User

from .models import LedgerEntry
from .models.subject_salt import SALT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.subjects import Subject


_SALT = """
    WITH made AS (
        INSERT INTO evidence_subjectsalt (subject_kind, subject_id, salt)
        SELECT %(kind)s::varchar, %(id)s::uuid, %(salt)s::bytea WHERE NOT EXISTS (
            SELECT 1 FROM evidence_subjectsalt WHERE subject_kind = %(kind)s::varchar AND subject_id = %(id)s::uuid
        )
        ON CONFLICT DO NOTHING RETURNING salt
    )
    SELECT salt FROM made
    UNION ALL SELECT salt FROM evidence_subjectsalt WHERE subject_kind = %(kind)s::varchar AND subject_id = %(id)s::uuid
"""


# The application's role may write these columns and no other, and Django's own INSERT names every column.
COLUMNS = ("subject_kind", "subject_id", "kind", "actor_id", "machine", "acting_for_id", "at", "sentence", "payload")
_APPEND = f"INSERT INTO evidence_ledgerentry ({', '.join(COLUMNS)}) VALUES "  # noqa: S608 - columns of ours
ROWS_AT_ONCE = 1000


class UnableToRecord(Exception):
    """An entry was offered outside a transaction, or with data that has no exact canonical form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A fact about to be recorded.

    `kind` is also the news that is published. `sentence` is a verb phrase that follows the actor's name ("approved
    GBP 12.00.") and holds no personal data of customers; nor does `data`: strings, integers, truth values, None,
    and lists and mappings of them.
    """

    subject: Subject
    kind: str
    actor: Actor
    at: datetime
    sentence: str
    data: Mapping[str, object] = field(default_factory=dict)
    acting_for: User | None = None


def record(
    *,
    subject: Subject,
    kind: str,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
    acting_for: User | None = None,
) -> None:
    """Append one entry to the subject's chain and publish `kind` as news, inside the caller's transaction.

    :raises UnableToRecord: outside a transaction, or for data with floats or objects in it
    """
    record_all(
        [
            NewEntry(
                subject=subject,
                kind=kind,
                actor=actor,
                at=at,
                sentence=sentence,
                data=data or {},
                acting_for=acting_for,
            )
        ]
    )


def record_all(entries: Sequence[NewEntry]) -> None:
    """Append several entries in one INSERT, the order within each subject kept, and publish the news of each.

    :raises UnableToRecord: as `record` does; then nothing is written
    """
    if not connection.in_atomic_block:
        raise UnableToRecord("A fact and its ledger entry belong into one transaction.")
    # Every writer takes the locks of its subjects in the same order, so that two of them cannot wait for each other.
    in_lock_order = sorted(entries, key=lambda entry: (entry.subject.kind, str(entry.subject.id)))
    rows = [_row_of(entry) for entry in in_lock_order]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(some))
            cursor.execute(_APPEND + values, [column for row in some for column in row])
    for entry in entries:
        publish(entry.kind, at=entry.at, subject_id=entry.subject.id)


def timeline_of(subject: Subject) -> QuerySet[LedgerEntry]:
    """Everything recorded about a subject, oldest first."""
    return (
        LedgerEntry.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
        .select_related("actor", "acting_for")
        .order_by("seq", "pk")
    )


def salted_digest(subject: Subject, text: str) -> str:
    """Hash a text of a person (HMAC-SHA-256, hex), so that the ledger can prove it without holding it.

    The key is the subject's salt, made when it is first needed. Where the salt is erased nobody can try texts any more.
    """
    return hmac.new(_salt_of(subject), text.encode(), hashlib.sha256).hexdigest()


def hold_chain(subject: Subject) -> None:
    """Be the only writer about this subject until the transaction ends; the lock is the one that appending takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{subject.kind}:{subject.id}"])


def canonical_payload(entry: NewEntry) -> str:
    """Print an entry as RFC 8785 JSON: the exact text that is hashed."""
    _check_exact(entry.data)
    payload: dict[str, Any] = {
        "subject_kind": entry.subject.kind,
        "subject_id": str(entry.subject.id),
        "kind": entry.kind,
        "actor": _word_for(entry.actor),
        "acting_for": None if entry.acting_for is None else _word_for(entry.acting_for),
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "sentence": entry.sentence,
        "data": dict(entry.data),
    }
    try:
        text = rfc8785.dumps(payload).decode()
    except rfc8785.CanonicalizationError as error:
        raise UnableToRecord(str(error)) from error
    if "\\u0000" in text:
        raise UnableToRecord("PostgreSQL keeps no NUL characters.")
    return text


def _salt_of(subject: Subject) -> bytes:
    """Read the subject's salt, making it when there is none; one statement, unless somebody makes it just now."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_SALT, {**subject._asdict(), "salt": secrets.token_bytes(SALT_BYTES)})
            row = cursor.fetchone()
            # None when another transaction committed it while we waited for it: the next look sees it.
            if row is not None:
                return bytes(row[0])


def _row_of(entry: NewEntry) -> tuple[Any, ...]:
    """Answer the columns of an entry, in the order in which `_APPEND` names them."""
    person, machine = (None, entry.actor.name) if isinstance(entry.actor, Machine) else (entry.actor.pk, "")
    lender = None if entry.acting_for is None else entry.acting_for.pk
    return (*entry.subject, entry.kind, person, machine, lender, entry.at, entry.sentence, canonical_payload(entry))


def _word_for(actor: Actor) -> str:
    # Numbers instead of names: a name may be erased one day, the hash stays.
    return f"machine:{actor.name}" if isinstance(actor, Machine) else f"user:{actor.pk}"


def _check_exact(value: object) -> None:
    """Refuse everything that JSON cannot say in exactly one way.

    :raises UnableToRecord: for floats, decimals, dates and objects
    """
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _check_exact(name)
            _check_exact(inner)
        return
    if isinstance(value, list | tuple):
        for inner in value:
            _check_exact(inner)
        return
    message = f"A ledger entry holds whole numbers, text and truth values, not {type(value).__name__}."
    raise UnableToRecord(message)
