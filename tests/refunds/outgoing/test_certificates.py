"""A certificate must be good for the name, whatever address was called."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from refunds.outgoing.calling import call
from refunds.outgoing.vocabulary import CallOutcome
from tests.harness.world import NOON

from .receivers import OK, listening, says

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from .receivers import Receiver

HOST = "hooks.example.com"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Sign a certificate for the host with itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made_at = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at - timedelta(days=1))
        .not_valid_after(made_at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "hooks.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(autouse=True)
def named(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED = [HOST, "other.example.com"]
    settings.WEBHOOK_ALLOWS_HTTP = False


def answer_from(receiver: Receiver, host: str = HOST) -> CallOutcome:
    """Call a name that is found on loopback."""
    return call(
        url=f"https://{host}:{receiver.port}/", body=b"{}", headers={}, at=NOON, resolve=lambda *_: ["127.0.0.1"]
    ).outcome


def secured(certificate: Path) -> Callable[[socket.socket], socket.socket]:
    """Speak TLS with this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return lambda client: context.wrap_socket(client, server_side=True)


class TestACertificate:
    def test_for_the_name_is_trusted_when_its_root_is(self, certificate: Path, settings: Any) -> None:
        settings.WEBHOOK_CA_FILE = certificate
        with listening(says(OK), wrap=secured(certificate)) as receiver:
            assert answer_from(receiver) is CallOutcome.DELIVERED
        assert receiver.heard[0].headers["host"] == f"{HOST}:{receiver.port}"

    def test_for_another_name_is_not(self, certificate: Path, settings: Any) -> None:
        settings.WEBHOOK_CA_FILE = certificate
        with listening(says(OK), wrap=secured(certificate)) as receiver:
            assert answer_from(receiver, "other.example.com") is CallOutcome.UNTRUSTED
        assert receiver.heard == []

    def test_of_an_unknown_root_is_not(self, certificate: Path) -> None:
        with listening(says(OK), wrap=secured(certificate)) as receiver:
            assert answer_from(receiver) is CallOutcome.UNTRUSTED
        assert receiver.heard == []

    def test_is_wanted_of_whoever_speaks_in_the_clear(self) -> None:
        with listening(says(OK)) as receiver:
            assert answer_from(receiver) in {CallOutcome.UNREACHABLE, CallOutcome.UNREADABLE, CallOutcome.TIMED_OUT}
