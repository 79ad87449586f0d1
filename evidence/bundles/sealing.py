"""Sealing the list of files with the key that signs checkpoints: only the signing worker can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from evidence.checkpoints.keys import LOCK, key_to_sign_with
from evidence.checkpoints.notes import sign_text

from .chains import moment

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@transaction.atomic(durable=True)
def seal(*, bundle_id: UUID, manifest_sha256: str, at: datetime) -> str:
    """Sign that the list of files of this bundle hashes to this.

    The first line is no checkpoint's, so that neither signature can stand for the other.

    :raises UnableToSign: without the private key
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    key, private = key_to_sign_with(at=at)
    text = f"{key.name}/bundle\n{bundle_id}\nsha256 {manifest_sha256}\ntime {moment(at)}\n"
    return sign_text(text, name=key.name, private_key=private)
