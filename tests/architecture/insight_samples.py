"""Remediation items as far as each verb needs them, and a drawn sample of a team with one decision looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from analytics.models import PatternReading, PatternSignal
from analytics.remediation import closing, opening, working
from analytics.sampling.drawing import Wanted, draw_sample
from analytics.sampling.reviewing import look_again
from config.kernel.ids import new_id
from config.kernel.people import team_ids_of
from policies.vocabulary import CodeKind
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from analytics.models import RemediationItem, Sample
    from config.kernel.people import Team, User

WHY = "It happens every day."
LOOKED_AT, WAITS = 1, 2
"""The places of the sample that Sam looked at, and that nobody looked at."""


def items() -> Mapping[str, UUID]:
    """Have an item for each verb, by the name of its address; Sam owns them all and proposed what is proposed."""
    sam, mei = settle("sam"), settle("mei")
    caused, changed, proposed, verifying = (
        _caused(code, sam) for code in ("DAMAGED_IN_TRANSIT", "WRONG_ITEM_SENT", "LATE_DELIVERY", "NOT_AS_DESCRIBED")
    )
    for item in (changed, proposed, verifying):
        working.make_change(
            item_id=item.pk, change="Two walls.", sop_link="", sop_version="", actor=sam, at=timezone.now()
        )
    for item in (proposed, verifying):
        closing.propose_closing(
            item_id=item.pk, note="Fewer.", evidence_link="https://wiki.example.com/", actor=sam, at=timezone.now()
        )
    closing.confirm_closing(item_id=verifying.pk, actor=mei, at=timezone.now())
    return {
        "": _opened("OTHER", sam).pk,
        "make_change": caused.pk,
        "propose_closing": changed.pk,
        "confirm_closing": proposed.pk,
        "decline_closing": proposed.pk,
        "close_item": proposed.pk,
        "reopen_item": verifying.pk,
    }


def quality_sample(team: Team, drawer: User) -> Sample:
    """Draw two decisions of a team; Sam looks at the first where he works for it, else whoever drew them."""
    wanted = Wanted(
        team=team.slug,
        from_on=NOON.date(),
        to_on=timezone.now().date(),
        population="every",
        method="random",
        size=2,
        seed="two",
    )
    sample = draw_sample(wanted=wanted, actor=drawer, at=NOON)
    sam = settle("sam")
    by = sam if team.pk in team_ids_of(sam) else drawer
    look_again(sample_id=sample.pk, place=LOOKED_AT, answer="approve", rationale=WHY, actor=by, at=NOON)
    return sample


def signal_of(team: Team) -> UUID:
    """Have a pattern seen in a team; answers the id under which it stands."""
    reading = PatternReading.objects.create(
        team=team, from_at=NOON, to_at=NOON, is_cut=False, request_count=0, decision_count=0, plots={}, read_at=NOON
    )
    found = PatternSignal.objects.create(
        reading=reading, place=0, standing_id=new_id(), first_seen_at=NOON, is_new=True, pattern="photos", key="one",
        sentence="2 requests came with the same photo.", numbers=[], request_ids=[], request_count=0, people=[],
        team_ids=[team.pk],
    )  # fmt: skip
    return found.standing_id


def _opened(code: str, sam: User) -> RemediationItem:
    at = timezone.now()
    item = opening.open_item(kind=CodeKind.EXCEPTION, code=code, why=WHY, actor=sam, at=at)
    return working.assign_item(item_id=item.pk, owner=sam, actor=sam, at=at)


def _caused(code: str, sam: User) -> RemediationItem:
    item = _opened(code, sam)
    return working.find_cause(item_id=item.pk, hypothesis="Thin boxes.", actor=sam, at=timezone.now())
