"""Signed notes as C2SP writes them: a text, an empty line, and a line for each signature.

The text is a tlog checkpoint: origin, size, root in base64, then two lines of ours: what the previous note hashes to,
and when. https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"
KEY_ID_BYTES = 4
BEFORE_ALL = "0" * 64
"""What the first checkpoint says the previous note hashes to."""

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_LINES = 5


class NotANote(Exception):
    """A text is no signed checkpoint of ours; says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says: the first `size` leaves of `origin` hash to `root`, and what was said before it."""

    origin: str
    size: int
    root: bytes
    previous: str
    at: datetime

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        time = self.at.astimezone(UTC).strftime(_TIME)
        return f"{self.origin}\n{self.size}\n{root}\nprevious {self.previous}\ntime {time}\n"


def key_id_of(name: str, public_key: bytes) -> str:
    """Name a key by the first bytes of a hash over its name, kind and bytes, in hex."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:KEY_ID_BYTES].hex()


def verifier_key(name: str, public_key: bytes) -> str:
    """Print a public key as witnesses and Go's `sumdb/note` read it."""
    return f"{name}+{key_id_of(name, public_key)}+{base64.b64encode(ED25519 + public_key).decode()}"


def sign(statement: Statement, *, name: str, private_key: Ed25519PrivateKey) -> str:
    """Write a statement as a signed note."""
    return sign_text(str(statement), name=name, private_key=private_key)


def sign_text(text: str, *, name: str, private_key: Ed25519PrivateKey) -> str:
    """Write a text, each line ended and none of them empty, as a signed note."""
    public = private_key.public_key().public_bytes_raw()
    signature = bytes.fromhex(key_id_of(name, public)) + private_key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def hash_of(note: str) -> str:
    """Hash a note, signatures included: what the next one repeats."""
    return hashlib.sha256(note.encode()).hexdigest()


def read(note: str) -> Statement:
    """Read what a note says, without asking who signed it.

    :raises NotANote: when it is none
    """
    text, gap, _ = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) != _LINES or not lines[1].isascii() or not lines[1].isdecimal():
        raise NotANote("It is not laid out as a checkpoint.")
    origin, size, root, previous, time = lines
    try:
        at = datetime.strptime(time, f"time {_TIME}").replace(tzinfo=UTC)
        statement = Statement(
            origin, int(size), base64.b64decode(root, validate=True), previous[len("previous ") :], at
        )
    except (ValueError, binascii.Error) as error:
        raise NotANote("Its root or its time cannot be read.") from error
    if f"{text}\n" != str(statement):
        raise NotANote("It does not say what it says in the one way to say it.")
    return statement


def key_ids_of(note: str) -> list[str]:
    """Name the keys that a note claims to be signed with."""
    return [raw[:KEY_ID_BYTES].hex() for _, raw in _signatures(note)]


def check_signed(note: str, *, name: str, public_key: bytes) -> Statement:
    """Verify that this key signed the note, and answer what it says.

    :raises NotANote: when it did not
    """
    statement = read(note)
    text = note.partition("\n\n")[0] + "\n"
    wanted = bytes.fromhex(key_id_of(name, public_key))
    for signer, raw in _signatures(note):
        if signer == name and raw[:KEY_ID_BYTES] == wanted:
            try:
                Ed25519PublicKey.from_public_bytes(public_key).verify(raw[KEY_ID_BYTES:], text.encode())
            except InvalidSignature as error:
                raise NotANote("Its signature does not fit its text.") from error
            return statement
    raise NotANote(f"It bears no signature of {name} with the key {wanted.hex()}.")


def _signatures(note: str) -> list[tuple[str, bytes]]:
    found = []
    for line in note.partition("\n\n")[2].splitlines():
        dash, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        try:
            raw = base64.b64decode(signature, validate=True)
        except (ValueError, binascii.Error) as error:
            raise NotANote("A signature line cannot be read.") from error
        if dash != "—" or not name or len(raw) <= KEY_ID_BYTES:
            raise NotANote("A signature line cannot be read.")
        found.append((name, raw))
    return found
