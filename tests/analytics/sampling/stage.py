"""Decisions to draw from, made by the real verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.sampling.drawing import Wanted, draw_sample
from analytics.sampling.reviewing import look_again
from approvals.vocabulary import Verdict
from refunds import workflow
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from analytics.models import Sample, SampledDecision
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

TODAY = NOON.date()


def automatic(world: World, many: int = 1) -> list[RefundRequest]:
    """Let the policy approve."""
    return [world.filed(world.order(), by=settle("amir")) for _ in range(many)]


def signed(world: World, many: int = 1) -> list[RefundRequest]:
    """Let Dana approve what Amir asked for."""
    return [world.approved(by=settle("amir"), approver=settle("dana")) for _ in range(many)]


def declined(world: World) -> RefundRequest:
    """Let Dana decline."""
    waiting = world.waiting(by=settle("amir"))
    return workflow.decide(
        reference=waiting.reference,
        verdict=Verdict.DECLINE,
        rationale="No proof of purchase.",
        actor=settle("dana"),
        at=NOON,
    )


def drawn_by(sam: User, **words: Any) -> Sample:
    """Draw from today's decisions of the British team."""
    usual = {
        "team": "uk-retail", "from_on": TODAY, "to_on": TODAY, "population": "every", "method": "random", "size": 20,
        "seed": "november",
    }  # fmt: skip
    return draw_sample(wanted=Wanted(**{**usual, **words}), actor=sam, at=NOON)


def looked(sample: Sample, who: User, *, place: int = 1, answer: str = "approve") -> SampledDecision:
    """Take a second look."""
    return look_again(sample_id=sample.pk, place=place, answer=answer, rationale="Within policy.", actor=who, at=NOON)
