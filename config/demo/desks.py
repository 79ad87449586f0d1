"""What the people of the demo settled among themselves: loans, leave, limits under way, views of the queue, letters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.patterns.keeping import read_and_keep
from approvals.delegation_rules import Offer
from approvals.guards import Scope
from approvals.looking import look_for_dead_ends
from approvals.models import Notice
from approvals.queue_view import QueueView
from approvals.services.absences import enter_absence
from approvals.services.delegating import accept_delegation, offer_delegation
from approvals.services.desk import save_view
from approvals.services.limits import confirm_change, propose_limit
from approvals.services.notifying import mark_read, set_wish
from approvals.services.sweeping import sweep_routes
from approvals.vocabulary import Category, NoticeKind, NoticeWish, Risk
from config.kernel import outbox
from config.kernel.money import Money
from config.kernel.people import Team
from refunds.evidence_map.cataloguing import add_requirements
from refunds.evidence_map.patterns import PATTERNS

from .people import ADMINISTRATOR, DAILY_LIMIT_MINOR, LIMIT_CONFIRMER, person

if TYPE_CHECKING:
    from datetime import datetime

VIEWS = {
    "dana": ("Shops, below 100", QueueView(currency="GBP", amount_to="100")),
    "viktor": ("High risk", QueueView(tab="all", risk=Risk.HIGH)),
    "vera": ("Above 5,000 euros", QueueView(tab="all", currency="EUR", amount_from="5000")),
    "dora": ("America, changed mind", QueueView(team="us-dtc", reason="changed_mind")),
}
DEMANDED = ("carrier-proof", "bank-proof")
SWEPT_HOURS_AGO = (72, 48, 24, 12, 8, 6, 5, 4, 3, 2, 1, 0)


def settle_desks(*, now: datetime) -> None:
    """Demand evidence, lend, go on leave, change limits, keep views; all before somebody looks who could sign."""
    _demand_evidence(now)
    _change_limits(now)
    _lend(now)
    for username, (name, wanted) in VIEWS.items():
        save_view(name=name, wanted=wanted, actor=person(username))
    for username in ("vera", "dora"):
        set_wish(wish=NoticeWish.DIGEST, actor=person(username))


def _demand_evidence(now: datetime) -> None:
    """Start the evidence map from two patterns, a quarter of an hour ago."""
    patterns = [pattern for pattern in PATTERNS if pattern.slug in DEMANDED]
    demands = [demand for pattern in patterns for demand in pattern.demands()]
    add_requirements(demands=demands, actor=person(ADMINISTRATOR), at=now - timedelta(minutes=15))


def _change_limits(now: datetime) -> None:
    """Have one change confirmed three weeks ago, and one that waits for Lena."""
    proposer, confirmer = person(ADMINISTRATOR), person(LIMIT_CONFIRMER)
    credits_of_viktor = Scope(user=person("viktor"), category=Category.GOODWILL_CREDIT, currency="EUR")
    confirmed = propose_limit(
        scope=credits_of_viktor,
        single_minor=2_500_00,
        daily_minor=DAILY_LIMIT_MINOR,
        why="Credits have needed no more than 1,900.00 in a year; what is not needed is not lent.",
        actor=proposer,
        at=now - timedelta(days=22),
    )
    confirm_change(
        change_id=confirmed.pk,
        note="Agreed with Viktor in the review of the quarter.",
        actor=confirmer,
        at=now - timedelta(days=21),
    )
    propose_limit(
        scope=Scope(user=person("dana"), category=Category.REFUND, currency="GBP"),
        single_minor=750_00,
        daily_minor=DAILY_LIMIT_MINOR,
        why="Two thirds of what Dana sends up lies between 500.00 and 750.00.",
        actor=proposer,
        at=now - timedelta(hours=26),
    )


def _lend(now: datetime) -> None:
    """Lend Viktor's authority to Vera, offer Vera's to Dana, and send Dora on leave."""
    viktor, vera, dana, dora = (person(name) for name in ("viktor", "vera", "dana", "dora"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for_a_week = Offer(
        lent_to=vera,
        from_at=midnight - timedelta(days=1),
        until_at=midnight + timedelta(days=7),
        why="At the trade fair most of the week.",
    )
    lent = offer_delegation(offer=for_a_week, actor=viktor, at=now - timedelta(days=2))
    accept_delegation(delegation_id=lent.pk, actor=vera, at=now - timedelta(days=2) + timedelta(hours=3))
    for_four_days = Offer(
        lent_to=dana,
        from_at=midnight + timedelta(days=7),
        until_at=midnight + timedelta(days=11),
        teams=(Team.objects.get(slug="uk-retail"),),
        categories=(Category.REFUND,),
        ceiling=Money(400_00, "GBP"),
        why="Board meeting in Lisbon.",
    )
    offer_delegation(offer=for_four_days, actor=vera, at=now - timedelta(hours=5))
    enter_absence(
        user=dora,
        from_at=midnight,
        until_at=midnight + timedelta(days=16),
        note="On leave; no telephone.",
        actor=dora,
        at=now - timedelta(days=12),
    )


def let_time_pass(*, now: datetime) -> None:
    """Remind, send up and tell as the clock would have done, and look who could not finish anything.

    What waits is told first and counts as read, so that the new notices are those of the clock and of colleagues.
    """
    outbox.drain()
    for username in VIEWS:
        viewer = person(username)
        told = Notice.objects.filter(user=viewer, kind=NoticeKind.WAITING).values_list("pk", flat=True)
        mark_read(actor=viewer, notice_ids=told, at=now)
    for hours in SWEPT_HOURS_AGO:
        sweep_routes(at=now - timedelta(hours=hours))
    look_for_dead_ends(at=now)
    for team in (*Team.objects.order_by("pk"), None):
        read_and_keep(team, at=now)
    outbox.drain()
