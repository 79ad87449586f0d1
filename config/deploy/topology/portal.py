"""Our own programs, started with the very commands of the shipped systemd units."""

from __future__ import annotations

import http.client
import re
import shlex
import sys
from typing import TYPE_CHECKING

from config.deploy.portal import is_listening

from .members import Member
from .papers import broker_address, read_words
from .plan import HOST, SHIPPED, SITE
from .stores import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .plan import Plan

UNITS = {
    "web1": "redress-web@.service",
    "web2": "redress-web@.service",
    "live": "redress-live.service",
    "worker1": "redress-worker@.service",
    "worker2": "redress-worker@.service",
    "signing": "redress-signing.service",
    "beat1": "redress-beat@.service",
    "beat2": "redress-beat@.service",
}
SERVING = ("web1", "web2", "live")
PATIENCE_SECONDS = {"web": 45.0, "live": 15.0, "worker": 120.0, "signing": 120.0, "beat": 30.0}


def portal(plan: Plan) -> dict[str, Member]:
    """Web, live streams, two workers and the signing one, two schedulers."""
    return {name: _member(plan, name) for name in UNITS}


def sandbox(plan: Plan) -> Member:
    """What stands in for Stripe."""
    port, data = plan.ports["sandbox"], plan.directory / "sandbox"
    options = ["--port", f"{port}", "--data", str(data), "--webhook-url", ""]
    return Member(
        name="sandbox",
        command=[sys.executable, "-m", "refunds.gateways.sandbox", *options],
        environment=PLAIN,
        directory=plan.directory,
        cwd=plan.checkout,
        is_ready=lambda _member: is_listening(port),
    )


def is_ours(name: str) -> bool:
    """Whether the program is the portal's, not a server of others."""
    return name in UNITS


def environment_of(plan: Plan, paper: str = "redress.env") -> dict[str, str]:
    """What a program is told: nothing of the caller's, everything of the private file."""
    fixed = {"DEMO": "0", "VAR_DIR": str(plan.var), "PYTHONUNBUFFERED": "1", "HOME": str(plan.directory)}
    return PLAIN | fixed | read_words(plan.secrets / paper) | {"CELERY_BROKER_URL": broker_address(plan)}


def command_of(unit: str, *, instance: str) -> list[str]:
    """Return what systemd would start."""
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    return shlex.split(line.replace("%%", "\0").replace("%i", instance).replace("\0", "%"))


def answers(port: int, path: str) -> bool:
    """Whether a server says yes there."""
    asking = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        asking.request("GET", path, headers={"Host": SITE})
        return asking.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _member(plan: Plan, name: str) -> Member:
    unit = (SHIPPED / "systemd" / UNITS[name]).read_text()
    command = [sys.executable, *command_of(unit, instance=name[-1])[1:]]
    words = environment_of(plan)
    if name in SERVING:
        command[command.index("--port") + 1] = str(plan.ports[name])
    if name == "signing":
        words["SIGNING_KEY_FILE"] = str(signing_key(plan))
    if plan.is_lean:
        for option in ("--workers", "--concurrency"):
            if option in command:
                command[command.index(option) + 1] = "1"
    return Member(
        name=name,
        command=command,
        environment=words,
        directory=plan.directory,
        cwd=plan.checkout,
        is_ready=_readiness(plan, name),
        patience_seconds=PATIENCE_SECONDS[name.rstrip("12")],
    )


def _readiness(plan: Plan, name: str) -> Callable[[Member], bool]:
    if name in SERVING:
        return lambda _member: answers(plan.ports[name], "/readyz")
    return lambda member: member.has_said("maxinterval" if name.startswith("beat") else " ready.")


def signing_key(plan: Plan) -> Path:
    """The key of one worker alone."""
    return plan.secrets / "signing" / "key.pem"
