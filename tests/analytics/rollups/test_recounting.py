"""The proof finds what is wrong, and a recount mends it: on a database of its own, with other connections in it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from analytics.models import OutflowCell, OutflowFact, RollupMark
from analytics.rollups.following import catch_up
from analytics.rollups.rebuilding import ask_recount, cancel_recount, run_recount
from config.kernel.jobs import Job, JobState
from config.kernel.refusals import NotPermitted
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.models import LedgerEntry
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 11, 21, tzinfo=UTC)


def proved() -> str:
    """Run the command and answer what it says at the end."""
    said = StringIO()
    call_command("recount_rollups", stdout=said)
    return said.getvalue().splitlines()[-1]


class TestTheCommand:
    def test_says_how_much_is_equal(self, shop: Shop) -> None:
        shop.refunded(20)
        shop.refunded(300)

        assert proved().startswith("2 facts and ")

    def test_names_what_somebody_changed_and_fails(self, shop: Shop) -> None:
        shop.refunded(20)
        catch_up(at=AT)
        OutflowFact.objects.update(override_minor=5_00)
        said = StringIO()

        with pytest.raises(CommandError, match="differ from a recount"):
            call_command("recount_rollups", stdout=said)

        assert "override_minor is 500, recounted 0" in said.getvalue()

    def test_names_a_sum_that_is_off(self, shop: Shop) -> None:
        shop.refunded(20)
        catch_up(at=AT)
        OutflowCell.objects.filter(dimension="code").update(count=7)
        said = StringIO()

        with pytest.raises(CommandError):
            call_command("recount_rollups", stdout=said)

        assert "cell ('refund'" in said.getvalue()


class TestAnEntryThatAppearsLate:
    def test_is_counted_once_its_transaction_is_over(self, shop: Shop) -> None:
        """Its id is smaller than one that was counted already."""
        late, soon, sam = shop.asked(100), shop.asked(100), settle("sam")
        catch_up(at=AT)
        OutflowFact.objects.filter(subject_id=late.pk).update(state="stale")
        written, go_on = Event(), Event()
        writer = Thread(target=_write_slowly, args=(late, sam, written, go_on))
        writer.start()
        assert written.wait(10)
        _write(soon, sam)

        catch_up(at=AT)
        assert OutflowFact.objects.get(subject_id=late.pk).state == "stale"
        assert RollupMark.objects.get().waits_for
        go_on.set()
        writer.join(10)
        catch_up(at=AT)

        assert OutflowFact.objects.get(subject_id=late.pk).state == "awaiting_approval"
        catch_up(at=AT)
        assert RollupMark.objects.get().settled_id == LedgerEntry.objects.order_by("-pk")[0].pk


def _write(request: RefundRequest, actor: User) -> None:
    with transaction.atomic():
        ledger.record(
            subject=Subject("refund_request", request.pk),
            kind="refund_request.looked_at",
            actor=actor,
            at=AT,
            sentence="looked at it.",
        )


def _write_slowly(request: RefundRequest, actor: User, written: Event, go_on: Event) -> None:
    try:
        with transaction.atomic():
            _write(request, actor)
            written.set()
            assert go_on.wait(10)
    finally:
        connection.close()


class TestARecount:
    def test_mends_facts_and_sums_and_says_how_far_it_is(self, shop: Shop) -> None:
        for pounds in (20, 100):
            shop.refunded(pounds)
        catch_up(at=AT)
        OutflowFact.objects.update(override_minor=1)
        OutflowCell.objects.update(count=9)
        job = ask_recount(actor=settle("sam"), at=AT)

        run_recount(job_id=job.pk, at=AT)

        ended = Job.objects.get(pk=job.pk)
        assert (ended.state, ended.done, ended.total) == (JobState.SUCCEEDED, 2, 2)
        assert proved().startswith("2 facts")

    def test_stops_when_somebody_asks_to_and_leaves_every_figure_right(self, shop: Shop) -> None:
        shop.refunded(20)
        catch_up(at=AT)
        sam = settle("sam")
        job = ask_recount(actor=sam, at=AT)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
        cancel_recount(job=Job.objects.get(pk=job.pk), actor=sam)

        run_recount(job_id=job.pk, at=timezone.now())

        assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
        assert proved().startswith("1 facts")

    def test_is_one_at_a_time(self, shop: Shop) -> None:
        sam = settle("sam")

        assert ask_recount(actor=sam, at=AT) == ask_recount(actor=sam, at=AT)

    def test_is_not_for_everybody(self, shop: Shop) -> None:
        with pytest.raises(NotPermitted):
            ask_recount(actor=settle("amir"), at=AT)

        assert not Job.objects.exists()
