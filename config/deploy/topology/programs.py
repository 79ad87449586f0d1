"""The servers Debian brings, and the names of the packages that are missing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .plan import Plan

POSTGRES_ROOT: Final = Path("/usr/lib/postgresql")
RABBITMQ: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
OLDEST_POSTGRES: Final = 15


class CannotStandError(RuntimeError):
    """The topology cannot be started, or not be changed; says why."""


def postgres_folder(plan: Plan) -> Path | None:
    """Where PostgreSQL's programs are: as told, else the newest of Debian's that is new enough."""
    if plan.postgres_programs is not None:
        return plan.postgres_programs
    found = sorted(
        (path for path in POSTGRES_ROOT.glob("*/bin") if path.parent.name.isdecimal()),
        key=lambda path: int(path.parent.name),
    )
    return found[-1] if found and int(found[-1].parent.name) >= OLDEST_POSTGRES else None


def nginx() -> str | None:
    """Where nginx is, which Debian keeps out of the way of those who are not root."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def missing_packages(plan: Plan) -> list[str]:
    """Name Debian's packages that are needed and not there."""
    there = {
        "nginx-light": nginx() is not None,
        "postgresql": postgres_folder(plan) is not None,
        "redis-server": plan.broker != "redis" or shutil.which("redis-server") is not None,
        "rabbitmq-server": plan.broker != "rabbitmq" or RABBITMQ.exists(),
    }
    return [package for package, is_there in there.items() if not is_there]


def refuse_half(plan: Plan) -> None:
    """Start nothing while a part is missing. :raises CannotStandError: naming every package at once"""
    if missing := missing_packages(plan):
        raise CannotStandError(
            f"Missing: {', '.join(missing)}. Install with: apt-get install --no-install-recommends {' '.join(missing)}"
        )


def program(plan: Plan, name: str) -> str:
    """Where a server's program is, once nothing is missing."""
    folder = postgres_folder(plan)
    places = {
        "nginx": nginx(),
        "redis-server": shutil.which("redis-server"),
        "rabbitmq-server": str(RABBITMQ),
        "epmd": shutil.which("epmd"),
        **{one: str(folder / one) for one in ("postgres", "initdb") if folder is not None},
    }
    if (found := places.get(name)) is None:
        raise CannotStandError(f"There is no {name}.")
    return found
