"""The keys that sign checkpoints: the private half is a file that only the signing worker reads.

The file is `SIGNING_KEY_FILE`, PEM, mode 0600. Nothing that serves pages imports what reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from config.kernel.people import Machine
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.models import SigningKey

from .notes import key_id_of

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor

KEYS = Subject("signing_key", UUID(int=0))
"""What the ledger's entries about keys hang on."""

CHECKPOINTER = Machine("checkpointer")
OPERATOR = Machine("operator")

LOCK = 7_301_118
"""Any number nobody else locks: whoever signs, or changes the key that signs, holds it."""


class UnableToSign(Exception):
    """There is no key to sign with, or not the one whose public half is known; says what to do."""


def key_to_sign_with(*, at: datetime) -> tuple[SigningKey, Ed25519PrivateKey]:
    """Answer the key in force with its private half; the demo makes its first one. Call it under `LOCK`.

    :raises UnableToSign: without a file, or when the file holds another key
    """
    key = SigningKey.objects.filter(retired_at__isnull=True).first()
    if key is None:
        if not settings.SIGNING_KEY_IS_MADE:
            raise UnableToSign("There is no signing key yet; make one: manage.py rotate_signing_key")
        file = _file()
        private = _read(file) if file.exists() else _write_new(file)
        return _introduce(private, actor=CHECKPOINTER, at=at), private
    # A rotation that was killed between its commit and its last step left the new key under its other name.
    for file in (_file(), _waiting(_file())):
        if not file.exists():
            continue
        private = _read(file)
        if private.public_key().public_bytes_raw() == bytes(key.public_key):
            if file != _file():
                file.replace(_file())
            return key, private
    raise UnableToSign(f"{_file().name} does not hold the private half of {key}.")


def rotate_key(*, actor: Actor, at: datetime) -> SigningKey:
    """Make a new key, retire the one in force and record both; the first call makes the first key.

    1. The new private key waits in a file of its own.
    2. One transaction retires the old key, lists the new one and writes the ledger.
    3. The file takes its place; if this is never reached, the next signature does it.

    :raises UnableToSign: without SIGNING_KEY_FILE
    """
    file = _file()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        private = _write_new(_waiting(file))
        SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=at)
        key = _introduce(private, actor=actor, at=at)
    _waiting(file).replace(file)
    return key


def _introduce(private: Ed25519PrivateKey, *, actor: Actor, at: datetime) -> SigningKey:
    public = private.public_key().public_bytes_raw()
    name: str = settings.LEDGER_ORIGIN
    before = SigningKey.objects.filter(retired_at__isnull=False).order_by("-retired_at").first()
    key = SigningKey.objects.create(key_id=key_id_of(name, public), name=name, public_key=public, since=at)
    ledger.record(
        subject=KEYS,
        kind="signing_key.introduced" if before is None else "signing_key.rotated",
        actor=actor,
        at=at,
        sentence=f"put the signing key {key.key_id} in force"
        + ("." if before is None else f" and retired {before.key_id}."),
        data={
            "key": key.key_id,
            "public_key": public.hex(),
            "origin": name,
            "before": "" if before is None else before.key_id,
        },
    )
    return key


def _file() -> Path:
    if not settings.SIGNING_KEY_FILE:
        raise UnableToSign("SIGNING_KEY_FILE is not set; it names the file of the private signing key.")
    return Path(settings.SIGNING_KEY_FILE)


def _waiting(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise UnableToSign(f"{file.name} cannot be read: {type(error).__name__}.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnableToSign(f"{file.name} holds no Ed25519 key.")
    return key


def _write_new(file: Path) -> Ed25519PrivateKey:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(pem)
    return private
