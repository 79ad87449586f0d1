"""What was looked up and what a model proposed, on the page of a request and beside the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.models import Proposal, ProposalCall
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting(world: World) -> RefundRequest:
    """Have a request by somebody who asked for the same amount before, with proposals."""
    amir, buyer = settle("amir"), world.customer()
    world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
    filed = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
    call = ProposalCall.objects.create(
        refund_request=filed, inputs_sha256="0" * 64, model_name="tiny", asked_at=NOON, outcome="proposed"
    )
    for kind, text in (
        ("reason_code", "damaged"),
        ("summary", "The lamp came broken, says the customer. " * 12),
        ("message", "Could you send a photo of the lamp?"),
    ):
        Proposal.objects.create(call=call, kind=kind, text=text, confidence=70)
    return filed


class TestThePreparation:
    def test_stands_on_the_page_and_beside_the_queue(self, page_as: PageAs, waiting: RefundRequest) -> None:
        addresses = [waiting.get_absolute_url(), "/queue/?view=all"]
        assert complaints(page_as, settle("dana"), *addresses) == []

    @pytest.mark.parametrize("has_script", [True, False])
    def test_lets_a_person_begin_her_question_with_a_proposal(
        self, page_as: PageAs, waiting: RefundRequest, *, has_script: bool
    ) -> None:
        page = page_as(settle("dana"), java_script_enabled=has_script)
        page.goto(waiting.get_absolute_url())

        page.get_by_role("button", name="Accept and begin the question with it").click()

        assert page.get_by_role("textbox", name="Rationale").input_value() == "Could you send a photo of the lamp?"
        stands = as_stored(waiting)
        assert (stands.state, stands.question) == ("awaiting_approval", "")
