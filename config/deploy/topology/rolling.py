"""Restart one program after the other while people work: nobody hears an error, nothing is done twice.

nginx is told to ask a web process nothing new before that is stopped, and to ask it again once it is ready.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import portal, proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from .plan import Plan

ORDER = ("web1", "web2", "live", "worker1", "worker2", "signing", "beat1", "beat2")
"""The runbook's."""


def roll(plan: Plan, say: Callable[[str], None], *, only: Collection[str] = ORDER, to: Path | None = None) -> None:
    """Restart programs in order, from another checkout if one is named."""
    for name in ORDER:
        if name in only:
            restart(plan, name, to=to)
            say(f"{name} serves again.")


def restart(plan: Plan, name: str, *, to: Path | None = None) -> None:
    """Restart one; a web process is left out of the proxy meanwhile."""
    old, new = portal.portal(plan)[name], portal.portal(replace(plan, checkout=to or plan.checkout))[name]
    is_asked = name in portal.SERVING
    if is_asked:
        proxy.write_site(plan, down=[name])
        proxy.read_again(plan)
    old.end()
    new.start()
    new.wait_until_ready()
    if is_asked:
        proxy.write_site(plan)
        proxy.read_again(plan)
