"""Where the database, the broker and the mail server are, in the words Django and Celery use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config.deploy import postgres

if TYPE_CHECKING:
    from config.environment import Environment

# A message that is being worked on stays hidden this long; Celery's time limit for a task is shorter.
VISIBILITY_TIMEOUT_SECONDS = 20 * 60
CONNECTION_AGE_SECONDS = 600
# Without them whoever sends waits for ever for a Redis that stands still or whose machine went away.
REDIS_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 2}
MAIL_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class MailServer(NamedTuple):
    """Who takes our mail: ``smtp`` starts TLS after the greeting, ``smtps`` at once, ``smtp+plain`` never."""

    host: str
    port: int
    user: str
    password: str
    starts_tls: bool
    is_tls: bool


def database_settings(environment: Environment) -> dict[str, Any]:
    """Return the ``DATABASES`` entry: the database that was named, else the embedded one."""
    parts = conninfo_to_dict(database_url(environment))
    suffix, user = environment.test_db_suffix, parts.pop("user", "")
    return {
        "ENGINE": "django.db.backends.postgresql" if environment.database_url else "config.deploy.embedded",
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "NAME": parts.pop("dbname", ""),
        "USER": environment.database_role or user,
        "PASSWORD": parts.pop("password", ""),
        # Statements are prepared by the server after a few uses; binding in the client would plan each one anew.
        "OPTIONS": {
            **parts,
            **_patience(environment.database_patience_seconds, parts.get("options")),
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
        "CONN_MAX_AGE": CONNECTION_AGE_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_redress_{suffix}" if suffix else "test_redress"},
    }


def _patience(seconds: int, options: object) -> dict[str, str]:
    """Say how long one statement may take, waiting for a lock included; nothing where there is time."""
    return {"options": _and(options, f"-c statement_timeout={seconds}s")} if seconds else {}


def _and(options: object, more: str) -> str:
    return f"{options} {more}" if options else more


def database_url(environment: Environment) -> str:
    """Return the address of the database, which need not be running yet."""
    return environment.database_url or postgres.embedded().url


def broker_settings(environment: Environment) -> tuple[str, dict[str, Any]]:
    """Return Celery's broker address and its options: PGMQ in our own database unless another broker was named."""
    if url := environment.celery_broker_url:
        patience = REDIS_PATIENCE if url.startswith("redis") else {}
        return url, {"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS} | patience
    return "pgmq://localhost", {
        "conn_string": pgmq_conninfo(_unhurried(database_url(environment))),
        "init_extension": False,
        "use_notify": True,
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        # While its hands are full the worker sleeps this long between looks, whatever NOTIFY says; a second here is one
        # task a second. Kombu's own long poll would hold it longer still.
        "wait_time_seconds": 0,
        "polling_interval": 0.05,
        "pool_size": 4,
    }


def _unhurried(url: str) -> str:
    """Let what a queue holds reach the disk a moment later.

    A message is only a wake-up: a crash that loses one, or brings one back, changes nothing. Each webhook and each page
    with news would else wait for the disk twice.
    """
    return make_conninfo(url, options=_and(conninfo_to_dict(url).get("options"), "-c synchronous_commit=off"))


def pgmq_conninfo(url: str) -> str:
    """Return the address as PGMQ must be given it.

    PGMQ reads five parts and joins them with blanks, quoting nothing and dropping every other option. So each value
    goes in already quoted, and the other options (``sslmode`` and such) go in behind the password.
    """
    quoted = {
        name: make_conninfo(**{name: str(value)}).partition("=")[2] for name, value in conninfo_to_dict(url).items()
    }
    kept = {name: quoted.pop(name) for name in ("host", "port", "dbname", "user") if name in quoted}
    password = quoted.pop("password", "''")
    others = " ".join(f"{name}={value}" for name, value in quoted.items())
    return make_conninfo(**kept, password=f"{password} {others}".strip())


def mail_server(environment: Environment) -> MailServer:
    """Return the server that ``EMAIL_URL`` names, ``smtp://user:password@host:port``, else this machine's."""
    url = urlsplit(environment.email_url or "smtp+plain://localhost")
    return MailServer(
        host=url.hostname or "localhost",
        port=url.port or MAIL_PORTS.get(url.scheme, MAIL_PORTS["smtp"]),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starts_tls=url.scheme == "smtp",
        is_tls=url.scheme == "smtps",
    )


def oidc_settings(environment: Environment) -> dict[str, Any]:
    """Say to the sign-in library where the company's own sign-in is; nothing where there is none."""
    if not environment.oidc_url:
        return {}
    app = {
        "provider_id": "company",
        "name": environment.oidc_name,
        "client_id": environment.oidc_client_id,
        "secret": environment.oidc_client_secret,
        "settings": {"server_url": environment.oidc_url},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
