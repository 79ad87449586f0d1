"""What `manage.py check --deploy` says of ways out of this machine on which others could listen."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.core import checks
from psycopg.conninfo import conninfo_to_dict

from config.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.environment import Environment

ENCRYPTED_BROKERS: Final = frozenset({"rediss", "amqps"})
ENCRYPTED_DATABASES: Final = frozenset({"require", "verify-ca", "verify-full"})
EXCEPTION: Final = "Or name the host in UNENCRYPTED_HOSTS, if nobody can listen on the way to it."


class Way(NamedTuple):
    """One host that a setting leads to: is what goes there encrypted, is it checked who answers, and what to do."""

    setting: str
    host: str
    is_encrypted: bool
    is_checked: bool
    remedy: str


def check_ways(**_django: Any) -> list[checks.CheckMessage]:
    """Name each way in the clear (an error), and each on which nobody checks who answers (a warning)."""
    return faults_of(load())


def faults_of(environment: Environment) -> list[checks.CheckMessage]:
    """Say what is wrong with the ways these settings lead to; this machine and hosts of UNENCRYPTED_HOSTS are well."""
    found: list[checks.CheckMessage] = []
    excepted = {host.lower() for host in environment.unencrypted_hosts}
    for way in _ways(environment):
        if is_here(way.host) or way.host.lower() in excepted:
            continue
        if not way.is_encrypted:
            sentence = f"{way.setting} speaks to {way.host} in the clear."
            found.append(checks.Error(sentence, hint=f"{way.remedy} {EXCEPTION}", id="redress.E001"))
        elif not way.is_checked:
            sentence = f"{way.setting} speaks to {way.host} encrypted, but to whoever answers in its name."
            found.append(checks.Warning(sentence, hint=f"{way.remedy} {EXCEPTION}", id="redress.W001"))
    return found


def is_here(host: str) -> bool:
    """Whether a host is this machine, or a socket in its files."""
    if not host or host[0] in "/@" or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _ways(environment: Environment) -> Iterator[Way]:
    yield from _to_the_database(environment.database_url)
    yield from _to_the_broker(environment.celery_broker_url)
    if environment.clamd_address[:1] not in {"", "/"}:
        host = environment.clamd_address.rpartition(":")[0].strip("[]")
        yield Way("CLAMD_ADDRESS", host, False, False, "clamd cannot encrypt: let it run here, behind a socket.")
    for setting, address in (("MODEL_URL", environment.model_url), ("STRIPE_API_BASE", environment.stripe_api_base)):
        url = urlsplit(address)
        yield Way(setting, url.hostname or "", url.scheme == "https", True, "Begin the address with https://.")
    mail = urlsplit(environment.email_url)
    yield Way(
        "EMAIL_URL", mail.hostname or "", mail.scheme in {"smtp", "smtps"}, True, "Begin it with smtp:// or smtps://."
    )


def _to_the_database(address: str) -> Iterator[Way]:
    parts = {name: str(value) for name, value in conninfo_to_dict(address).items()} if address else {}
    mode = parts.get("sslmode", "prefer")
    for host in (parts.get("host") or parts.get("hostaddr") or "").split(","):
        remedy = "Add sslmode=verify-full, and sslrootcert=… for a root of your own."
        yield Way("DATABASE_URL", host, mode in ENCRYPTED_DATABASES, mode == "verify-full", remedy)


def _to_the_broker(addresses: str) -> Iterator[Way]:
    for url in (urlsplit(address.strip()) for address in addresses.split(";")):
        is_checked = "cert_none" not in url.query.lower() and "ssl_cert_reqs=none" not in url.query.lower()
        remedy = "Begin the address with rediss:// or amqps://, and let certificates be checked."
        yield Way("CELERY_BROKER_URL", url.hostname or "", url.scheme in ENCRYPTED_BROKERS, is_checked, remedy)
