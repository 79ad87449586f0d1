"""The one process that starts the portal, watches it and stops it.

python -m config.deploy.supervisor run|reset
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import webbrowser
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import psycopg
from django.core.exceptions import ImproperlyConfigured

from config.deploy.portal import CannotRunError, Portal
from config.deploy.postgres import CannotStartError
from config.deploy.processes import end_leftovers
from config.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULT_PORT = "8000"


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""


def stop(*_: object) -> NoReturn:
    """Leave whatever is being done; a second signal must not interrupt the stopping."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    try:
        print(sentence, flush=True)
    except BrokenPipeError:
        # The terminal is gone; stopping goes on.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - stays open as long as we live


def chosen_port() -> int:
    """Return the port somebody asked for. :raises CannotRunError: when it is none"""
    word = os.environ.get("PORT") or DEFAULT_PORT
    if not word.isdecimal() or not 0 < int(word) < 1 << 16:
        raise CannotRunError(f"PORT is {word}, which is no port; choose a number up to 65535.")
    return int(word)


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Be the only supervisor of this folder, after ending what a killed one left. :raises CannotRunError: if not"""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "supervisor").open("a+") as badge:
        try:
            fcntl.flock(badge, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            badge.seek(0)
            raise CannotRunError(
                f"The portal of this folder already runs: {badge.read() or 'it is starting'}."
            ) from None
        badge.truncate(0)
        if count := end_leftovers(str(var)):
            say(f"Ended {count} programs that an earlier run left behind.")
        badge.write(f"process {os.getpid()}")
        badge.flush()
        yield


def opens_browser() -> bool:
    """Whether there is a screen, and nobody said no."""
    has_screen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return has_screen and not os.environ.get("NO_BROWSER")


def run(portal: Portal) -> None:
    """Serve until Ctrl-C, SIGTERM or the death of a program."""
    try:
        portal.refuse_busy_ports()
        portal.start(is_empty=bool(os.environ.get("EMPTY")))
        say(f"\n  Redress is ready at {portal.address}\n\n  Logs are in {portal.var / 'log'}. Ctrl-C stops everything.")
        if opens_browser():
            webbrowser.open(portal.address)
        portal.watch()
    except Stopped:
        say("\nStopping.")
    finally:
        portal.stop()
    say("Stopped; the data stays.")


def reset(portal: Portal) -> None:
    """Forget the demo world."""
    try:
        portal.forget_world()
    finally:
        portal.stop()
    say("The demo world is forgotten; `make run` makes a new one.")


def main(verb: str) -> int:
    """Do what the command line asks; exit status 1 and one sentence when it cannot be done."""
    try:
        environment = load()
        portal = Portal(environment, chosen_port(), say)
        with alone(portal.var):
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, stop)
            {"run": run, "reset": reset}[verb](portal)
    except (CannotRunError, CannotStartError, ImproperlyConfigured) as error:
        say(str(error))
    except psycopg.OperationalError as error:
        say(f"The database does not answer: {error}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
