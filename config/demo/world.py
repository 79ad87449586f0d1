"""Make the demo world: shops with orders, people with work, and four months of refunds behind them."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from config.kernel.outbox import drain
from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.gateways.registry import standing_in
from refunds.orders.announcing import announce_payments

from .bookkeeping import reconcile
from .cases import draw_cases
from .desks import let_time_pass, settle_desks
from .disagreements import disagree
from .fixing import fix_things
from .letters import read_letters
from .outflows import Outflows
from .people import CURRENCIES, TEAMS, person
from .planted import kept_sales, with_signals
from .proposals import publish_two_signatures
from .sandbox import SandboxDesk
from .second_looks import look_twice, publish_months
from .shops import ORDER_COUNTS, WORLD_DAYS, plain_sale, write_sales
from .showpieces import Showpieces
from .stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .cases import Case

STATEMENTS_DAYS_AGO = (60, 21, 2)
"""When finance uploads the payout reports; what is younger waits for the next one."""


def make_world(*, seed: int, now: datetime, hands: int, heard: Callable[[str, int, int], object]) -> None:
    """Make orders, let every case happen oldest first, and bring the books up to two days ago.

    The same seed makes the same world, moved to `now`, however many processes (`hands`) share the work. Nothing is
    written to a state: people and programs speak their verbs with the time they spoke them.
    """
    desk = SandboxDesk()
    began = timezone.now()
    # Delivered in this process at the end; waking workers for each row would only make them stumble over each other.
    settings.OUTBOX_WAKES_WORKERS = False
    with standing_in("stripe", desk.gateway):
        rng = Random(seed)  # noqa: S311 - a world to look at, not a secret
        cases = with_signals(draw_cases(rng, now=now), seed=seed, now=now)
        showpieces, outflows = Showpieces(now=now), Outflows(now=now)
        _sell(rng, cases, (showpieces, outflows), now=now, heard=heard)
        stage = Stage(f"{seed}", now, hands, heard, total=len(cases))
        for until in (now - timedelta(days=days) for days in STATEMENTS_DAYS_AGO):
            stage.play([case for case in cases if case.filed_at <= until])
            cases = [case for case in cases if case.filed_at > until]
            _close_books(desk, since=began, at=until)
        publish_two_signatures(at=now - timedelta(days=STATEMENTS_DAYS_AGO[-1]))
        stage.play(cases)
        showpieces.play()
        outflows.play(desk)
        heard("messages", 0, 1)
        read_letters()
        settle_desks(now=now)
        disagree(now=now)
        let_time_pass(now=now)
        # Once everything that was under way has arrived: what is counted and published is the whole month.
        fix_things(now=now)
        look_twice(now=now)
        publish_months(now=now)
        drain()
        post_journal(at=now)
        open_periods(since=THE_BEGINNING)
        heard("messages", 1, 1)


def _sell(
    rng: Random,
    cases: list[Case],
    extra: tuple[Showpieces, Outflows],
    *,
    now: datetime,
    heard: Callable[[str, int, int], object],
) -> None:
    for done, demo_team in enumerate(TEAMS, start=1):
        sales = [
            *[case.sale for case in cases if case.team is demo_team],
            *(sale for one in extra for sale in one.sales_of(demo_team)),
            *(kept_sales(now=now) if demo_team.slug == "us-dtc" else ()),
        ]
        sales += [
            plain_sale(rng, demo_team.slug, placed_at=now - timedelta(days=rng.uniform(0.05, WORLD_DAYS)))
            for _ in range(ORDER_COUNTS[demo_team.slug] - len(sales))
        ]
        announce_payments(write_sales(rng, demo_team, sales, now=now))
        heard("orders of shops", done, len(TEAMS))


def _close_books(desk: SandboxDesk, *, since: datetime, at: datetime) -> None:
    for currency in CURRENCIES:
        reconcile(desk, currency=currency, since=since, actor=person("lena"), at=at)
