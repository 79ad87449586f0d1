"""However many file the same goodwill credit in the same instant: one of them is filed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from config.kernel.money import Money
from config.kernel.refusals import Refused
from refunds import workflow
from refunds.crediting import CreditDraft
from refunds.models import RefundRequest
from tests.harness.people import fresh, settle
from tests.harness.races import in_step, losers, winners
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RACERS = 4
ROUNDS = 5


def file(draft: CreditDraft, by: User) -> RefundRequest:
    return workflow.file_request(draft=draft, actor=fresh(by), at=NOON)


class TestTheSameCreditAtOnce:
    def test_is_filed_once_and_the_others_hear_of_it(self, world: World) -> None:
        amir = settle("amir")
        drafts = []
        for _ in range(ROUNDS):
            customer = world.customer()
            world.order(customer=customer)
            amount = Money(5_00, "GBP")
            drafts.append(
                CreditDraft(amount=amount, customer=customer.external_id, team="uk-retail", reason="late_delivery")
            )

        done = in_step([[partial(file, draft, amir)] * RACERS for draft in drafts])

        for draft, results in zip(drafts, done, strict=True):
            assert len(winners(results)) == 1
            assert [reason.code for no in losers(results) if isinstance(no, Refused) for reason in no.reasons] == [
                "duplicate_request"
            ] * (RACERS - 1)
            assert RefundRequest.objects.filter(customer__external_id=draft.customer).count() == 1
