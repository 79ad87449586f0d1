"""Two people of finance who take different lines for the same refund, in the same instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import OutOfDate, Refused
from refunds.models import Match
from refunds.reconciliation.by_hand import match_by_hand
from refunds.vocabulary import LineResult, State
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant, losers
from tests.refunds.books import LATER, fresh, paid, team_called
from tests.refunds.journal.lines import line_of

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def finance(append_only_tables_can_be_flushed: None) -> tuple[User, User]:
    """Settle Lena and Luis of finance."""
    return settle("lena"), settle("luis")


class TestOneRefund:
    def test_is_matched_with_one_line_only(self, finance: tuple[User, User]) -> None:
        operation = paid(team=team_called("uk-retail"))
        lines = [line_of("refund", -2220, result=LineResult.UNMATCHED) for _ in finance]

        results = in_the_same_instant(
            *[
                lambda line=line, who=who: match_by_hand(
                    line_ids=[line.pk], operation_ids=[operation.pk], note="It is this one.", actor=who, at=LATER
                )
                for line, who in zip(lines, finance, strict=True)
            ]
        )

        [lost] = losers(results)
        assert isinstance(lost, Refused | OutOfDate)
        assert Match.objects.count() == 1
        assert fresh(operation.refund_request).state == State.RECONCILED
