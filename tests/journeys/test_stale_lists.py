"""Lists that somebody else has worked on meanwhile: the second hand is told so, and moves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from analytics.models import SampledDecision
from evidence.models import LedgerEntry
from refunds.models import Match, Operation, Release
from refunds.vocabulary import LineResult, State
from tests.analytics.sampling.stage import drawn_by, looked, signed
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored
from tests.refunds.books import paid
from tests.refunds.journal.lines import line_of
from tests.refunds.payouts.test_payment_files import agreed, prepared, released

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_of_the_story")]


def pressed(username: str, name: str, *place: Any, **typed: Any) -> Answer:
    """Press a button of a list that was opened a while ago."""
    client = Client()
    client.force_login(settle(username), backend="config.kernel.backend.PeopleBackend")
    return client.post(reverse(name, args=place), typed)


def assert_is_late(answer: Answer) -> None:
    """Assert that somebody was faster, and that the page says what to do."""
    assert answer.status_code == 409
    assert b'role="alert"' in answer.content or b"Load it again" in answer.content


class TestAListThatIsOutOfDate:
    def test_of_exceptions_says_so(self, world: World) -> None:
        late = world.filed(world.order(days_ago=50), by=settle("amir"))
        typed = {"exception_code": "WINDOW_EXPIRED", "rationale": "A good customer, once only."}
        assert pressed("mei", "refunds:grant_exception", late.reference, **typed).status_code == 302
        count = LedgerEntry.objects.count()

        assert_is_late(pressed("milo", "refunds:grant_exception", late.reference, **typed))

        assert as_stored(late).state == State.AWAITING_APPROVAL
        assert LedgerEntry.objects.count() == count

    def test_of_money_to_release_says_so(self, world: World) -> None:
        request = world.approved(by=settle("amir"), approver=settle("dana"))
        Operation.objects.filter(refund_request=request).update(awaits_release=True)
        operation = Operation.objects.get(refund_request=request)
        assert pressed("lena", "refunds:release_payments", operation=str(operation.pk)).status_code == 302

        assert_is_late(pressed("luis", "refunds:release_payments", operation=str(operation.pk)))

        assert Release.objects.count() == 1

    def test_of_payment_files_says_so(self, world: World) -> None:
        agreed(world)
        file = released(prepared())

        assert_is_late(pressed("luis", "refunds:release_payment_file", file.pk))

        file.refresh_from_db()
        assert file.released_by == settle("luis")

    def test_of_lines_says_so(self, world: World) -> None:
        first, second = paid(team=world.team(), at=NOON), paid(team=world.team(), at=NOON)
        line = line_of("refund", -first.amount_minor, at=NOON, result=LineResult.UNMATCHED)
        typed = {"note": "By hand."}
        answer = pressed("lena", "refunds:match_line", line.pk, operation=str(first.pk), **typed)
        assert answer.status_code == 302

        assert_is_late(pressed("luis", "refunds:match_line", line.pk, operation=str(second.pk), **typed))

        assert Match.objects.get().operation == first

    def test_of_sampled_decisions_says_so(self, world: World) -> None:
        signed(world)
        sample = drawn_by(settle("sam"))
        looked(sample, settle("sam"))

        answer = pressed("sam", "analytics:look_again", sample.pk, 1, answer="decline", rationale="No proof.")

        assert_is_late(answer)
        assert SampledDecision.objects.get().answer == "approve"
