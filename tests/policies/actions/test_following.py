"""The queue goes on after each decision, whether the next row is a request or a governed action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from approvals.models import ApprovalStep
from policies.vocabulary import ActionState
from tests.harness.people import settle
from tests.harness.world import as_stored

from .desk import asked, gate, let_sign
from .test_pages import stored

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import GovernedAction
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

QUEUE = "/queue/?view=mine"


@pytest.fixture
def viktor(world: World) -> User:
    """Let Viktor sign for payouts too."""
    gate(world)
    viktor = settle("viktor")
    let_sign(viktor)
    return viktor


@pytest.fixture
def action(world: World, viktor: User) -> GovernedAction:
    """Have a payout wait for him."""
    return asked(world, 3_000_00, by=settle("bot"), at=timezone.now())


@pytest.fixture
def request_(world: World, viktor: User) -> RefundRequest:
    """Have a refund wait for him."""
    return world.waiting(by=settle("amir"), pounds=300, at=timezone.now())


def pressed(user: User, address: str, back: str = QUEUE, rationale: str = "") -> Any:
    """Press a button of a panel beside the queue."""
    client = Client()
    client.force_login(user)
    return client.post(address, {"back": back, "rationale": rationale}, headers={"HX-Request": "true"})


class TestADecisionOnAnAction:
    def test_leads_to_the_request_behind_it(
        self, viktor: User, action: GovernedAction, request_: RefundRequest
    ) -> None:
        answer = pressed(viktor, f"/actions/{action.reference}/approve/")

        shown = answer.content.decode()
        assert (answer.status_code, stored(action).state) == (200, ActionState.ALLOWED)
        assert f'hx-get="/requests/{request_.reference}/panel/?back=%2Fqueue%2F' in shown
        assert f'<tr id="row-{action.reference}" hx-swap-oob="delete">' in shown
        assert '<span class="count" id="count-mine" hx-swap-oob="true">1</span>' in shown
        assert f"{action.reference} is allowed" in answer["HX-Trigger"]

    def test_says_when_all_is_clear(self, viktor: User, action: GovernedAction) -> None:
        assert "All clear" in pressed(viktor, f"/actions/{action.reference}/approve/").content.decode()

    def test_claims_the_next_one_for_whoever_claims(
        self, viktor: User, action: GovernedAction, request_: RefundRequest
    ) -> None:
        pressed(viktor, f"/actions/{action.reference}/approve/", back=f"{QUEUE}&claim=1")

        assert ApprovalStep.objects.get(route=request_.route).leased_by == viktor

    def test_that_is_refused_stays_with_its_panel_and_what_was_typed(
        self, viktor: User, action: GovernedAction
    ) -> None:
        answer = pressed(viktor, f"/actions/{action.reference}/decline/", rationale="No.")

        shown = answer.content.decode()
        assert answer.status_code == 422
        assert shown.lstrip().startswith('<section class="card" id="panel"')
        assert 'aria-invalid="true"' in shown
        assert "No.</textarea>" in shown
        assert stored(action).state == ActionState.AWAITING_APPROVAL


class TestADecisionOnARequest:
    @pytest.mark.parametrize("back", [QUEUE, f"{QUEUE}&claim=1"])
    def test_leads_to_the_action_behind_it(
        self, viktor: User, action: GovernedAction, request_: RefundRequest, back: str
    ) -> None:
        answer = pressed(viktor, f"/requests/{request_.reference}/approve/", back=back)

        shown = answer.content.decode()
        assert as_stored(request_).state == "approved"
        assert "All clear" not in shown
        assert f'hx-get="/actions/{action.reference}/panel/' in shown
        holder = ApprovalStep.objects.get(route=stored(action).route).leased_by
        assert holder == (viktor if "claim" in back else None)

    def test_lets_the_panel_of_the_action_take_the_focus(self, viktor: User, action: GovernedAction) -> None:
        client = Client()
        client.force_login(viktor)

        panel = client.get(
            f"/actions/{action.reference}/panel/", {"back": QUEUE, "focus": "1"}, headers={"HX-Request": "true"}
        )

        assert 'data-focus="fetched"' in panel.content.decode()
        assert 'hx-post="/actions/' in panel.content.decode()
