"""Having somebody else say when: time stamps of RFC 3161 over a checkpoint's note."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import requests
import rfc3161_client as rfc3161
from cryptography import x509
from django.conf import settings

from .refusing import UnableToDo

if TYPE_CHECKING:
    from pathlib import Path

    from evidence.models import Checkpoint

PATIENCE_SECONDS = 20
MOST_BYTES = 64 * 1024


def fetch_stamp(checkpoint: Checkpoint) -> tuple[str, bytes]:
    """Ask `TIMESTAMP_URL` for a stamp over the note; answers who was asked and the response, as `openssl ts` reads it.

    With `TIMESTAMP_CA_FILE` its signature is verified; without, only that it is about this note and this question.

    :raises UnableToDo: for an answer that is no stamp of this note
    :raises OSError: what the network says
    """
    url: str = settings.TIMESTAMP_URL
    if not url:
        raise UnableToDo("TIMESTAMP_URL is not set any more.")
    note = checkpoint.note.encode()
    asked = rfc3161.TimestampRequestBuilder(data=note, hash_algorithm=rfc3161.HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    answer = requests.post(url, data=asked.as_bytes(), headers=headers, timeout=PATIENCE_SECONDS)
    answer.raise_for_status()
    token = answer.content
    if len(token) > MOST_BYTES:
        raise UnableToDo("The stamp is longer than a stamp can be.")
    check_stamp(token, note, nonce=asked.nonce)
    return url, token


def check_stamp(token: bytes, note: bytes, *, nonce: int | None = None) -> rfc3161.TimeStampResponse:
    """Verify that a response stamps this note. :raises UnableToDo: when it does not"""
    try:
        response = rfc3161.decode_timestamp_response(token)
        if rfc3161.PKIStatus(response.status) != rfc3161.PKIStatus.GRANTED:
            raise UnableToDo("The time stamp was refused.")
        info = response.tst_info
        if info.message_imprint.message != hashlib.sha256(note).digest():
            raise UnableToDo("The time stamp is of something else.")
        if nonce is not None and info.nonce != nonce:
            raise UnableToDo("The time stamp answers another question.")
        if settings.TIMESTAMP_CA_FILE is not None:
            _verifier(settings.TIMESTAMP_CA_FILE).verify_message(response, note)
    except (ValueError, rfc3161.VerificationError) as error:
        raise UnableToDo(f"The answer is no time stamp: {error}") from error
    return response


def _verifier(roots: Path) -> rfc3161.Verifier:
    builder = rfc3161.VerifierBuilder()
    for certificate in x509.load_pem_x509_certificates(roots.read_bytes()):
        builder = builder.add_root_certificate(certificate)
    return builder.build()
