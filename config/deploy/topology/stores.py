"""The servers that keep something: PostgreSQL, and the broker that was chosen."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from config.deploy import accounts
from config.deploy.portal import is_listening

from .members import Member
from .papers import write_private
from .plan import HOST
from .programs import CannotStandError, program

if TYPE_CHECKING:
    from pathlib import Path

    from .plan import Plan

ROLES = {"redress_owner": "owner", "redress_app": "app"}
PLAIN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def postgres(plan: Plan) -> Member:
    """PostgreSQL with scram passwords, on loopback alone; its folder belongs to an account that is not root."""
    home, owner = postgres_home(plan), accounts.server_account()
    settings = {
        "port": str(plan.ports["postgres"]),
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "max_connections": "400",
        "shared_buffers": "256MB",
        "timezone": "UTC",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Member(
        name="postgres",
        command=[program(plan, "postgres"), "-D", str(home / "data"), *options],
        environment=PLAIN,
        directory=plan.directory,
        cwd=home,
        is_ready=lambda _member: _answers(plan),
        # Ends sessions and writes a checkpoint; SIGTERM would wait for the last session.
        stop_signal=signal.SIGINT,
        user=owner.pw_name if os.geteuid() == 0 else None,
    )


def postgres_home(plan: Plan) -> Path:
    """Where the server's data is, in a place its account can enter."""
    return accounts.reachable_folder(plan.directory / "postgres", 90)


def superuser_address(plan: Plan, database: str = "postgres") -> str:
    """Who may make roles."""
    password = (plan.secrets / "superuser_password").read_text()
    return f"postgresql://postgres:{password}@{HOST}:{plan.ports['postgres']}/{database}"


def make_cluster(plan: Plan) -> None:
    """Make PostgreSQL's folder unless it is there."""
    home, owner = postgres_home(plan), accounts.server_account()
    if (home / "data").exists():
        return
    accounts.give(home, owner)
    password = home / "password"
    write_private(password, (plan.secrets / "superuser_password").read_text())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(password, owner.pw_uid, owner.pw_gid)
    words = ["--username", "postgres", "--auth", "scram-sha-256", "--pwfile", str(password)]
    done = subprocess.run(
        [program(plan, "initdb"), "--pgdata", str(home / "data"), "--encoding", "UTF8", "--locale", "C", *words],
        cwd=home,
        env=PLAIN,
        capture_output=True,
        text=True,
        check=False,
        user=owner.pw_uid if is_root else None,
        group=owner.pw_gid if is_root else None,
        extra_groups=[] if is_root else None,
    )
    password.unlink()
    if done.returncode:
        raise CannotStandError(f"initdb failed: {done.stderr.strip()}")


def make_roles(plan: Plan) -> bool:
    """Make the owner, the serving role and the database; return whether they were made now."""
    with psycopg.connect(superuser_address(plan), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'redress'").fetchone():
            return False
        for role, paper in ROLES.items():
            word = (plan.secrets / f"{paper}_password").read_text()
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(word))
            )
        connection.execute("CREATE DATABASE redress OWNER redress_owner")
    return True


def _answers(plan: Plan) -> bool:
    try:
        with psycopg.connect(superuser_address(plan), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def broker(plan: Plan) -> list[Member]:
    """The programs of the broker; none where it is the database."""
    match plan.broker:
        case "redis":
            return _redis(plan)
        case "rabbitmq":
            return _rabbitmq(plan)
    return []


def _redis(plan: Plan) -> list[Member]:
    home, port = _folder(plan, "redis"), plan.ports["broker"]
    password = (plan.secrets / "broker_password").read_text()
    # Without the append-only file what was pushed since the last snapshot is gone with the process.
    write_private(
        home / "redis.conf",
        f"bind {HOST}\nport {port}\ndir {home}\nappendonly yes\nsave ''\nrequirepass {password}\n",
    )
    command = [program(plan, "redis-server"), str(home / "redis.conf")]
    return [_server(plan, "redis", command, home, port)]


def _rabbitmq(plan: Plan) -> list[Member]:
    home, ports = _folder(plan, "rabbitmq"), plan.ports
    password = (plan.secrets / "broker_password").read_text()
    write_private(
        home / "rabbitmq.conf",
        f"listeners.tcp.1 = {HOST}:{ports['broker']}\ndefault_user = redress\ndefault_pass = {password}\n",
    )
    words = PLAIN | {
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "RABBITMQ_NODENAME": "redress@localhost",
        "RABBITMQ_DIST_PORT": str(ports["dist"]),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
    }
    # Erlang would start its port mapper by itself, and nobody would ever end it.
    mapper = _server(plan, "epmd", [program(plan, "epmd")], home, ports["epmd"], words)
    return [mapper, _server(plan, "rabbitmq", [program(plan, "rabbitmq-server")], home, ports["broker"], words)]


def _server(
    plan: Plan, name: str, command: list[str], home: Path, port: int, words: dict[str, str] | None = None
) -> Member:
    return Member(
        name=name,
        command=command,
        environment=words or PLAIN,
        directory=plan.directory,
        cwd=home,
        is_ready=lambda _member: is_listening(port),
    )


def _folder(plan: Plan, name: str) -> Path:
    folder = plan.directory / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
