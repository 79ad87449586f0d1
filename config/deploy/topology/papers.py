"""What is secret, made once into files that only their owner reads: words, passwords, a certificate."""

from __future__ import annotations

import secrets
import shlex
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .plan import HOST, SITE

if TYPE_CHECKING:
    from pathlib import Path

    from .plan import Plan

PASSWORDS = ("superuser", "owner", "app", "broker")


def make_papers(plan: Plan) -> None:
    """Make whatever is not there yet."""
    for folder in (plan.secrets, plan.secrets / "tls", plan.secrets / "signing"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (words := plan.secrets / "redress.env").exists():
        made = {name: secrets.token_urlsafe(24) for name in PASSWORDS}
        for name, word in made.items():
            write_private(plan.secrets / f"{name}_password", word)
        told = _settings_of(plan)
        # The same keys: what one process sealed, all must open.
        owner = told | {"DATABASE_URL": _database_address(plan, "redress_owner", made["owner"])}
        write_private(plan.secrets / "owner.env", _lines(owner))
        write_private(words, _lines(told | {"DATABASE_URL": _database_address(plan, "redress_app", made["app"])}))
    if not plan.certificate.exists():
        _make_certificate(plan)


def write_private(path: Path, text: str) -> None:
    """Write a file that is never, not for a moment, readable by others."""
    path.touch(mode=0o600)
    path.write_text(text)


def read_words(path: Path) -> dict[str, str]:
    """Read lines of NAME='value', as systemd does."""
    pairs = [shlex.split(line)[0].partition("=") for line in path.read_text().splitlines() if line]
    return {name: value for name, _, value in pairs}


def _settings_of(plan: Plan) -> dict[str, str]:
    ports = plan.ports
    word = secrets.token_urlsafe
    return {
        "SECRET_KEY": word(48),
        "PAYEE_KEYS": word(48),
        "WEBHOOK_KEYS": word(48),
        "SIGN_IN_KEYS": word(48),
        "METRICS_TOKEN": word(24),
        "ALLOWED_HOSTS": SITE,
        "STRIPE_API_KEY": "sk_test_topology",
        "STRIPE_API_BASE": f"http://{HOST}:{ports['sandbox']}",
        "STRIPE_WEBHOOK_SECRETS": word(24),
        # Letters are for nobody: nothing listens there, and each is kept as one that did not go.
        "EMAIL_URL": f"smtp+plain://{HOST}:9",
        "RECALL_SECONDS": "0",
    }


def _database_address(plan: Plan, role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@{HOST}:{plan.ports['postgres']}/redress"


def broker_address(plan: Plan) -> str:
    """Return where the broker is; empty for the database."""
    password, port = (plan.secrets / "broker_password").read_text(), plan.ports["broker"]
    return {
        "redis": f"redis://:{password}@{HOST}:{port}/0",
        "rabbitmq": f"amqp://redress:{password}@{HOST}:{port}//",
        "pgmq": "",
    }[plan.broker]


def _lines(words: dict[str, str]) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in words.items())


def _make_certificate(plan: Plan) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SITE)])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(SITE), x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(plan.certificate.with_name("privkey.pem"), secret.decode())
    write_private(plan.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode())
