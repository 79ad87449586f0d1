"""The whole production on this machine, from the shipped files and Debian's servers.

python -m config.deploy.topology start|run|stop|status|roll|drill [--broker redis] [--base-port 18443] [--directory D]
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from config.environment import PROJECT

from . import drill, fleet, portal, rolling
from .plan import BROKERS, DEFAULT_PORT, Plan
from .programs import CannotStandError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""


def stop(*_: object) -> NoReturn:
    """Leave whatever is being done; a second signal must not interrupt the stopping."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(sentence, flush=True)


def main(words: Sequence[str]) -> int:
    """Do what the command line asks; exit status 1 and one sentence when it cannot be done."""
    options = _options(words)
    plan = Plan(
        directory=options.directory.absolute(),
        base_port=options.base_port,
        broker=options.broker,
        is_lean=options.lean,
    )
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    try:
        _act(plan, options)
    except CannotStandError as error:
        say(str(error))
        return 1
    except Stopped:
        say("Stopped; the data stays.")
        return 0 if options.verb == "run" else 1
    return 0


def _act(plan: Plan, options: argparse.Namespace) -> None:
    if options.verb not in ("start", "run"):
        if not plan.note.exists():
            raise CannotStandError(f"There is no topology in {plan.directory}.")
        plan = plan.as_started()
    match options.verb:
        case "start" | "run":
            fleet.start(plan, say)
            say(f"Redress answers at {plan.address} (Host: refunds.example). Logs are in {plan.directory / 'log'}.")
            if options.verb == "run":
                _wait(plan)
        case "stop":
            fleet.stop(plan, say)
            say("Stopped; the data stays.")
        case "status":
            say("\n".join(fleet.status(plan)))
        case "drill":
            _drill(plan, options)
        case "roll":
            rolling.roll(plan, say, only=options.only or rolling.ORDER, to=options.to)


def _drill(plan: Plan, options: argparse.Namespace) -> None:
    def act() -> None:
        rolling.roll(plan, say, only=options.only or rolling.ORDER, to=options.to)
        name, seconds = drill.kill_ruling_scheduler(plan)
        say(f"The scheduler that ruled was killed; {name} took over after {seconds:.1f} s.")

    is_well = drill.drill(plan, act, say)
    for name in drill.BEATS:
        portal.portal(plan)[name].start()
    if not is_well:
        raise CannotStandError("Not all went well; the lines above say what.")


def _wait(plan: Plan) -> None:
    try:
        signal.pause()
    finally:
        fleet.stop(plan, say)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="config.deploy.topology", description=__doc__)
    parser.add_argument("verb", choices=("start", "run", "stop", "status", "roll", "drill"))
    parser.add_argument("--directory", type=Path, default=PROJECT / "var" / "topology")
    parser.add_argument("--base-port", type=int, default=DEFAULT_PORT, help="nginx; the nine after it are taken too")
    parser.add_argument("--broker", choices=BROKERS, default="redis")
    parser.add_argument("--lean", action="store_true", help="one process where the shipped files say more")
    parser.add_argument("--only", nargs="+", choices=rolling.ORDER, help="roll: these alone")
    parser.add_argument("--to", type=Path, help="roll: start them from this checkout")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
