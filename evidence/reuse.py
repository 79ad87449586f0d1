"""Whether the same picture was sent before, for whatever, in any team: by its bytes, and by its looks.

It is a sign for people: it brings a person in and raises who signs; it never declines anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import Q

from .fingerprints import fingerprints_of
from .models import Attachment, AttachmentFingerprint, AttachmentReuse
from .pictures import drawn_copy
from .vocabulary import SHOWN_STATES, Likelihood, ScanState, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from config.kernel.subjects import Subject

    from .fingerprints import Fingerprint

LIKELY_BITS, POSSIBLE_BITS = 8, 14
"""Both hashes within the first: likely. One within the first and the other within the second: possible."""

MOST_AT_ONCE = 200

_LOOKS_ALIKE: Final = """
    SELECT DISTINCT ON (h.attachment_id) h.attachment_id, x.p, x.d
    FROM evidence_attachmentfingerprint m
    JOIN evidence_attachmentfingerprint h
        ON h.attachment_id <> m.attachment_id
        AND (m.turn = %(upright)s OR (m.turn = %(inner)s AND h.turn = %(upright)s))
    CROSS JOIN LATERAL (
        SELECT bit_count((h.phash # m.phash)::bit(64)) AS p, bit_count((h.dhash # m.dhash)::bit(64)) AS d
    ) x
    WHERE m.attachment_id = %(attachment)s AND least(x.p, x.d) <= %(likely)s AND greatest(x.p, x.d) <= %(possible)s
    ORDER BY h.attachment_id, greatest(x.p, x.d), least(x.p, x.d)
"""
"""One pass over the fingerprints, each compared as it stands; nothing to keep an index of."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """Another file, of another subject, that shows the same picture, and how likely that is."""

    attachment: Attachment
    likelihood: Likelihood


def reuse_of(attachment: Attachment) -> list[Reuse]:
    """List where else a picture was sent, the most likely first; whoever shows it asks who may know."""
    return reuse_among([attachment]).get(attachment.pk, [])


def reuse_among(attachments: Iterable[Attachment]) -> dict[UUID, list[Reuse]]:
    """List it for several at once, by their ids, in one query."""
    ids = {attachment.pk for attachment in attachments}
    pairs = AttachmentReuse.objects.filter(Q(later__in=ids) | Q(earlier__in=ids)).select_related("later", "earlier")
    found: dict[UUID, list[Reuse]] = {}
    for pair in pairs.order_by("likelihood", "-later__added_at", "pk"):
        for one, other in ((pair.later, pair.earlier), (pair.earlier, pair.later)):
            if one.pk in ids and one.subject != other.subject:
                found.setdefault(one.pk, []).append(Reuse(other, Likelihood(pair.likelihood)))
    return found


def strongest_reuse(subject: Subject) -> Likelihood | None:
    """Tell how likely it is that a picture of this subject was sent before for another; None when none was."""
    pairs = AttachmentReuse.objects.filter(
        later__subject_kind=subject.kind, later__subject_id=subject.id, later__scan_state__in=SHOWN_STATES
    ).exclude(earlier__subject_kind=subject.kind, earlier__subject_id=subject.id)
    words = set(pairs.values_list("likelihood", flat=True))
    return next((likelihood for likelihood in Likelihood if likelihood in words), None)


def reuses_of(subject: Subject) -> dict[UUID, Likelihood]:
    """Tell with which other subjects of its kind a subject shares a picture, and how likely the strongest pair is."""
    mine = {"subject_kind": subject.kind, "subject_id": subject.id}
    pairs = AttachmentReuse.objects.filter(
        Q(**{f"later__{name}": value for name, value in mine.items()})
        | Q(**{f"earlier__{name}": value for name, value in mine.items()}),
        later__scan_state__in=SHOWN_STATES,
        earlier__scan_state__in=SHOWN_STATES,
    ).values_list(
        "likelihood", "later__subject_id", "earlier__subject_id", "later__subject_kind", "earlier__subject_kind"
    )
    found: dict[UUID, set[Likelihood]] = {}
    for word, later, earlier, later_kind, earlier_kind in pairs:
        other = earlier if later == subject.id else later
        if later_kind == earlier_kind and other != subject.id:
            found.setdefault(other, set()).add(Likelihood(word))
    return {other: next(one for one in Likelihood if one in words) for other, words in sorted(found.items())}


def keep_fingerprints(attachment: Attachment, fingerprints: Iterable[Fingerprint]) -> None:
    """Store the fingerprints of a file, once."""
    rows = [AttachmentFingerprint(attachment=attachment, **found._asdict()) for found in fingerprints]
    AttachmentFingerprint.objects.bulk_create(rows, ignore_conflicts=True)


def compare(attachment: Attachment, *, at: datetime) -> None:
    """Find where else a committed file was sent and keep the pairs; a second call finds what came meanwhile.

    Called after the file is committed: of two that arrive in the same instant the later look sees both.
    """
    found = dict.fromkeys(_same_bytes(attachment), (Likelihood.EXACT, 0, 0))
    for pk, phash_bits, dhash_bits in _same_looks(attachment):
        is_likely = max(phash_bits, dhash_bits) <= LIKELY_BITS
        likelihood = Likelihood.LIKELY if is_likely else Likelihood.POSSIBLE
        found.setdefault(pk, (likelihood, phash_bits, dhash_bits))
    mine = (attachment.added_at, attachment.pk)
    others = Attachment.objects.filter(pk__in=found).exclude(
        subject_kind=attachment.subject_kind, subject_id=attachment.subject_id
    )
    pairs = []
    for other in others:
        likelihood, phash_bits, dhash_bits = found[other.pk]
        later, earlier = (attachment, other) if mine > (other.added_at, other.pk) else (other, attachment)
        pairs.append(
            AttachmentReuse(
                later=later, earlier=earlier, likelihood=likelihood, phash_bits=phash_bits, dhash_bits=dhash_bits
            )
        )
    AttachmentReuse.objects.bulk_create(pairs, ignore_conflicts=True)
    Attachment.objects.filter(pk=attachment.pk).update(compared_at=at)


def compare_the_rest(*, at: datetime) -> int:
    """Compare what a killed process left, and files from before there were fingerprints; answers how many."""
    waiting = Attachment.objects.filter(compared_at=None).exclude(scan_state=ScanState.INFECTED)
    rest = list(waiting.order_by("added_at", "pk")[:MOST_AT_ONCE])
    for attachment in rest:
        if attachment.media_type.startswith("image/"):
            with attachment.shown.open("rb") as shown:
                keep_fingerprints(attachment, fingerprints_of(drawn_copy(shown.read())))
        compare(attachment, at=at)
    return len(rest)


def _same_bytes(attachment: Attachment) -> list[UUID]:
    same = Attachment.objects.filter(sha256=attachment.sha256, erased_at=None).exclude(pk=attachment.pk)
    return list(same.values_list("pk", flat=True))


def _same_looks(attachment: Attachment) -> list[tuple[UUID, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOKS_ALIKE,
            {
                "attachment": attachment.pk,
                "upright": Turn.UPRIGHT,
                "inner": Turn.WITHOUT_EDGES,
                "likely": LIKELY_BITS,
                "possible": POSSIBLE_BITS,
            },
        )
        found: list[tuple[UUID, int, int]] = cursor.fetchall()
    return found
