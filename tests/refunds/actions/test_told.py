"""What systems outside hear of a governed action: the verdict, and how the signatures ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import Notice
from approvals.vocabulary import Verdict
from policies.actions.deciding import decide
from refunds.models import Announcement
from tests.harness.world import NOON, drain
from tests.policies.actions.desk import LATER, asked, gate, let_sign
from tests.refunds.outgoing.stage import endpoint_at

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import GovernedAction
    from tests.harness.world import World

WHY = "This payee is unknown to us."


def told(event: str) -> dict[str, Any]:
    """Read what was said of the newest such event."""
    said: dict[str, Any] = json.loads(Announcement.objects.filter(event=event).latest("pk").body)
    return dict(said["data"])


class TestAnAction:
    @pytest.fixture
    def waiting(self, world: World, bot: User) -> GovernedAction:
        """Have somebody listen, and a payout wait."""
        endpoint_at()
        gate(world)
        return asked(world, 3_000_00, by=bot)

    def test_is_told_when_it_is_judged(self, waiting: GovernedAction) -> None:
        said = told("decision.recorded")

        subject = {"kind": "governed_action", "id": str(waiting.pk), "reference": waiting.reference}
        assert (said["subject"], said["outcome"], said["enforced"]) == (subject, "require_approval", True)
        assert told("approval.requested")["subject"] == subject

    @pytest.mark.parametrize(
        ("verdict", "event", "granted"),
        [(Verdict.APPROVE, "approval.granted", 3_000_00), (Verdict.DECLINE, "approval.denied", None)],
    )
    def test_is_told_how_the_signatures_ended(
        self, waiting: GovernedAction, viktor: User, verdict: Verdict, event: str, granted: int | None
    ) -> None:
        let_sign(viktor)

        decide(reference=waiting.reference, verdict=verdict, rationale=WHY, actor=viktor, at=LATER)

        said = told(event)
        assert (said["subject"]["id"], said["granted_minor"]) == (str(waiting.pk), granted)
        assert WHY not in json.dumps(said)

    def test_is_put_before_whoever_may_sign(self, world: World, bot: User, viktor: User) -> None:
        let_sign(viktor)
        gate(world)
        asked(world, 3_000_00, by=bot, at=NOON)

        drain()

        assert list(Notice.objects.values_list("user__username", flat=True)) == ["viktor"]
