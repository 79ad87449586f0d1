"""The demo's world with few of its cases and all of its showpieces: made once, looked at by many tests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from config.demo import world
from config.demo.cases import Case, Fate, draw_cases
from config.demo.management.commands.load_demo import SEED
from config.demo.people import settle_people, settle_policies

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    import pytest

NOW = timezone.now()
"""Notices are told by the clock on the wall, so the world ends at it; whatever the weekday."""


def make_it(patched: pytest.MonkeyPatch) -> None:
    """Make it at the sandbox that `STRIPE_API_BASE` names."""
    patched.setattr(world, "draw_cases", some_that_wait)
    patched.setattr(world, "ORDER_COUNTS", {"uk-retail": 20, "us-dtc": 1, "eu-saas": 4})
    settle_people(at=NOW - timedelta(days=365))
    settle_policies(at=NOW - timedelta(days=365))
    world.make_world(seed=7, now=NOW, hands=1, heard=lambda *_: None)


def make_the_past(patched: pytest.MonkeyPatch) -> None:
    """Make the months behind both shops as `make run` makes them, without what waits there today."""
    patched.setattr(world, "draw_cases", what_shops_had)
    settle_people(at=NOW - timedelta(days=365))
    settle_policies(at=NOW - timedelta(days=365))
    world.make_world(seed=SEED, now=NOW, hands=1, heard=lambda *_: None)


def what_shops_had(rng: Random, *, now: datetime) -> list[Case]:
    """Draw the whole world and keep what happened until yesterday: in the British shop, and a part of the American."""
    yesterday = now - timedelta(days=1)
    cases = [case for case in draw_cases(rng, now=now) if case.filed_at < yesterday]
    of_team = {slug: [case for case in cases if case.team.slug == slug] for slug in ("uk-retail", "us-dtc")}
    return sorted([*of_team["uk-retail"], *of_team["us-dtc"][::4]], key=lambda case: case.filed_at)


def some_that_wait(rng: Random, *, now: datetime) -> list[Case]:
    """Draw the whole world and keep a few that wait, among them those overdue that one approver may sign alone.

    Without the latter nothing goes from her to her manager, whatever the hour; the others are dearer or late returns.
    """
    waiting = [case for case in draw_cases(rng, now=now) if case.fate is Fate.WAITS and case.team.slug == "uk-retail"]
    small = [case for case in waiting if case.amount_minor <= 400_00 and case.gap_days <= 25]
    others = [case for case in waiting if case not in small]
    return sorted([*small[:3], *others[:5]], key=lambda case: case.filed_at)
