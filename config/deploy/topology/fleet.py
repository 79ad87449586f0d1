"""All programs of a topology: up in the order in which one needs the other, down in the other."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from config.deploy.portal import is_taken

from . import papers, portal, proxy, stores
from .programs import CannotStandError, refuse_half

if TYPE_CHECKING:
    from collections.abc import Callable

    from .members import Member
    from .plan import Plan


def stores_of(plan: Plan) -> list[Member]:
    """What keeps something."""
    return [stores.postgres(plan), *stores.broker(plan), portal.sandbox(plan)]


def members_of(plan: Plan) -> list[Member]:
    """Every program in the order it is started."""
    return [*stores_of(plan), *portal.portal(plan).values(), proxy.nginx(plan)]


def start(plan: Plan, say: Callable[[str], None]) -> None:
    """Bring everything up, or nothing. :raises CannotStandError: after ending whatever was begun"""
    refuse_half(plan)
    papers.make_papers(plan)
    _refuse_running(plan)
    plan.keep()
    stores.make_cluster(plan)
    proxy.write_site(plan)
    begun: list[Member] = []
    try:
        _up(stores_of(plan), begun)
        if stores.make_roles(plan):
            say("Making tables, roles and files; this is done once.")
        make_ready(plan)
        say("Starting web, live streams, workers, schedulers and nginx.")
        _up([*portal.portal(plan).values(), proxy.nginx(plan)], begun)
    except BaseException:
        stop_all(begun, say)
        raise


def stop(plan: Plan, say: Callable[[str], None]) -> None:
    """End every program by its pid; the data stays."""
    stop_all(members_of(plan), say)


def stop_all(members: list[Member], say: Callable[[str], None]) -> None:
    """Ask all to stop, the last started first but what keeps something last, and wait for each."""
    kept = [member for member in members if member.name in ("postgres", "redis", "rabbitmq", "epmd", "sandbox")]
    rest = [member for member in members if member not in kept]
    for group in (rest[::-1], kept[::-1]):
        for member in group:
            member.ask_to_stop()
        for member in group:
            if not member.end():
                say(f"{member.name} did not stop and was killed.")


def status(plan: Plan) -> list[str]:
    """Say of each program whether it runs."""
    lines = []
    for member in members_of(plan):
        process = member.process()
        state = f"runs as {process.pid} from {member.checkout()}" if process else "does not run"
        lines.append(f"{member.name:<9} {state}")
    return lines


def make_ready(plan: Plan) -> None:
    """Migrate and prepare with this checkout's code, as the owner. :raises CannotStandError: when that fails"""
    words = portal.environment_of(plan, "owner.env") | {"SIGNING_KEY_FILE": str(portal.signing_key(plan))}
    command = [sys.executable, "-m", "config.deploy.topology.making_ready"]
    done = subprocess.run(command, cwd=plan.checkout, env=words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStandError(f"{done.stderr[-2000:]}\nThe portal could not be prepared.")


def _up(members: list[Member], begun: list[Member]) -> None:
    for member in members:
        begun.append(member)
        member.start()
        if not portal.is_ours(member.name):
            member.wait_until_ready()
    # Ours need seconds to read their code, and do so side by side.
    for member in members:
        member.wait_until_ready()


def _refuse_running(plan: Plan) -> None:
    if running := [member.name for member in members_of(plan) if member.process()]:
        raise CannotStandError(f"The topology in {plan.directory} already runs: {', '.join(running)}.")
    if taken := [f"{port} ({name})" for name, port in plan.ports.items() if is_taken(port)]:
        raise CannotStandError(f"In use by another program: port {', '.join(taken)}. Choose another --base-port.")
