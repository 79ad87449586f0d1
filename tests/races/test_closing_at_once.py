"""Two people sign in the same instant, and somebody books while a month is being closed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import IntegrityError

from config.kernel.refusals import NotPermitted, OutOfDate
from refunds.books import periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.books.vocabulary import PeriodState
from refunds.models import JournalEntry, Period
from tests.harness.races import in_the_same_instant, losers, winners
from tests.refunds.books import paid, person_with, team_called
from tests.refunds.journal.lines import line_of

pytestmark = pytest.mark.django_db(transaction=True)

DECEMBER = datetime(2026, 12, 3, 9, tzinfo=UTC)
EVERYTHING = ("statements", "unmatched", "missing", "exports")


@pytest.fixture
def period() -> Period:
    paid(team=team_called("north"))
    post_journal(at=DECEMBER)
    periods.open_periods(since=THE_BEGINNING)
    return Period.objects.get()


def signing(period: Period, *names: str) -> list[partial[Period]]:
    """Let these people sign, each for herself."""
    return [
        partial(
            periods.sign_period,
            period_id=period.pk,
            note="Seen.",
            acknowledged=EVERYTHING,
            actor=person_with(name, "refunds.sign_period"),
            at=DECEMBER,
        )
        for name in names
    ]


class TestAMonth:
    def test_is_signed_once_by_somebody_who_presses_twice(self, period: Period) -> None:
        (sign,) = signing(period, "lena")

        results = in_the_same_instant(sign, sign, sign)

        assert len(winners(results)) == 1
        assert all(isinstance(no, NotPermitted) for no in losers(results))
        assert Period.objects.get().state == PeriodState.SIGNED

    def test_is_locked_by_two_of_three(self, period: Period) -> None:
        results = in_the_same_instant(*signing(period, "lena", "luis", "lars"))

        assert len(winners(results)) == 2
        assert isinstance(losers(results)[0], OutOfDate)
        locked = Period.objects.get()
        assert locked.is_locked
        assert locked.first_by_id != locked.second_by_id

    def test_takes_a_line_before_its_lock_or_not_at_all(self, period: Period) -> None:
        first, second = signing(period, "lena", "luis")
        first()

        results = in_the_same_instant(second, partial(line_of, "fee", -120), partial(line_of, "fee", -130))

        locked = Period.objects.get()
        refused = [no for no in losers(results) if isinstance(no, IntegrityError)]
        if locked.is_locked:
            # Whatever came in before the lock was not booked yet, so it would have refused the signature.
            assert len(refused) == 2
        else:
            assert len(refused) < 2

    def test_has_no_entry_booked_into_it_while_it_is_closed(self, period: Period) -> None:
        first, second = signing(period, "lena", "luis")
        first()
        second()
        paid(team=team_called("north"))

        in_the_same_instant(partial(post_journal, at=DECEMBER), partial(post_journal, at=DECEMBER))

        assert sorted(JournalEntry.objects.values_list("booked_on", flat=True)) == [
            date(2026, 11, 12),
            date(2026, 12, 1),
        ]
