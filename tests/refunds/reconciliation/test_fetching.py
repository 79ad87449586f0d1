"""Payouts fetched from Stripe: when it knows what they consist of, once, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from config.kernel.jobs import Job
from config.kernel.outbox import drain
from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from policies.models import GovernedAction
from refunds.gateways.base import Envelope
from refunds.gateways.registry import standing_in
from refunds.models import Delivery, ProcessorPayout, Statement, StatementLine
from refunds.reconciliation.fetching import fetch_payout, fetch_waiting, poll_payouts, run_fetch
from refunds.reconciliation.importing import upload_statement
from refunds.webhooks.inbox import apply_delivery, store_delivery
from tests.refunds.books import person_with, team_called
from tests.refunds.gateways.stage import SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

    from config.kernel.people import User
    from refunds.gateways.sandbox_client import SandboxGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

FIGURES = ("external_id", "category", "gross_minor", "fee_minor", "currency", "booked_at", "payout_ref", "source_id")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Run a sandbox with one charge and one refund of it, a minute ago, and let it answer to the name of Stripe."""
    process = SandboxProcess(tmp_path / "books")
    process.start()
    gateway = process.gateway()
    gateway.announce([payment("pi_100")])
    gateway.refund(instruction())
    process.ask("POST", "/_sandbox/clock", {"ahead_seconds": 60})
    with standing_in("stripe", gateway):
        yield process
    process.stop()


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> SandboxGateway:
    return sandbox.gateway()


def paid_out(sandbox: SandboxProcess, **more: Any) -> str:
    """Let the sandbox pay out, and answer the payout's id."""
    return str(sandbox.ask("POST", "/_sandbox/payouts", {"currency": "gbp", **more})["id"])


def heard(sandbox: SandboxProcess) -> list[str]:
    """Hear every event the sandbox tells of payouts, oldest first; answers what became of each."""
    events = [one.to_dict() for one in sandbox.gateway()._client.v1.events.list({"limit": 50}).auto_paging_iter()]
    states = []
    for event in reversed([one for one in events if one["type"].startswith("payout.")]):
        envelope = Envelope(
            event_id=event["id"],
            event_type=event["type"],
            object_id=event["data"]["object"]["id"],
            created_at=timezone.now(),
            livemode=False,
            payload=event,
        )
        store_delivery(source="stripe", envelope=envelope, raw=b"{}", at=timezone.now())
        delivery = Delivery.objects.get(event_id=event["id"])
        apply_delivery(delivery_id=delivery.pk)
        states.append(Delivery.objects.get(pk=delivery.pk).state)
    return states


def lines() -> list[tuple[object, ...]]:
    """Read every line's figures."""
    return sorted(StatementLine.objects.values_list(*FIGURES))


class TestAWebhook:
    def test_starts_the_fetching_once_the_payout_is_reconciled(self, sandbox: SandboxProcess) -> None:
        payout = paid_out(sandbox)

        assert set(heard(sandbox)) == {"applied"}
        fetched = fetch_waiting(at=timezone.now())
        drain()

        statement = Statement.objects.get()
        assert fetched == 1
        assert (statement.fetched_by, statement.uploaded_by) == ("statement fetcher", None)
        assert statement.is_imported
        assert StatementLine.objects.filter(payout_ref=payout).count() == 3
        assert ProcessorPayout.objects.get().statement == statement
        assert [entry.actor_name for entry in timeline_of(Subject("statement", statement.pk))] == ["Statement fetcher"]

    def test_does_not_start_it_before(self, sandbox: SandboxProcess) -> None:
        payout = paid_out(sandbox, reconciled=False)
        heard(sandbox)
        row = ProcessorPayout.objects.get()

        assert not row.waits_to_be_fetched
        assert fetch_waiting(at=timezone.now()) == 0
        assert fetch_payout(payout_id=row.pk, actor=person_with("zeus"), at=timezone.now()) is None
        assert not Statement.objects.exists()

        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/reconcile", {})
        heard(sandbox)
        assert fetch_waiting(at=timezone.now()) == 1

    def test_of_a_failure_puts_the_lines_in_question(self, sandbox: SandboxProcess) -> None:
        payout = paid_out(sandbox)
        heard(sandbox)
        fetch_waiting(at=timezone.now())
        drain()

        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/fail")
        heard(sandbox)

        row = ProcessorPayout.objects.get()
        assert row.is_back
        assert "closed" in row.failure
        assert row.is_reconciled
        assert row.statement is not None

    def test_of_an_automatic_payout_is_no_bypass(self, sandbox: SandboxProcess) -> None:
        team_called("north")
        paid_out(sandbox)

        heard(sandbox)

        assert not GovernedAction.objects.exists()

    def test_that_was_lost_is_made_up_for(self, sandbox: SandboxProcess) -> None:
        paid_out(sandbox)

        assert poll_payouts(at=timezone.now()) == 1
        assert fetch_waiting(at=timezone.now()) == 1
        assert fetch_waiting(at=timezone.now()) == 0

    def test_is_made_up_for_by_the_command_too(self, sandbox: SandboxProcess) -> None:
        paid_out(sandbox)

        call_command("fetch_payouts")

        assert Statement.objects.count() == 1


class TestTheSamePayoutTwice:
    def test_adds_nothing_after_the_report(self, sandbox: SandboxProcess, gateway: SandboxGateway, lena: User) -> None:
        payout = paid_out(sandbox)
        file = SimpleUploadedFile("payout.csv", gateway.report_of_payout(payout))
        upload_statement(file=file, actor=lena, at=timezone.now())
        drain()
        told = lines()

        call_command("fetch_payouts")
        drain()

        assert Statement.objects.count() == 2
        assert [line for line in lines() if line[1] != "payout"] == told
        assert StatementLine.objects.filter(category="payout").count() == 1

    def test_adds_nothing_before_the_report(self, sandbox: SandboxProcess, gateway: SandboxGateway, lena: User) -> None:
        payout = paid_out(sandbox)
        call_command("fetch_payouts")
        drain()
        fetched = lines()

        file = SimpleUploadedFile("payout.csv", gateway.report_of_payout(payout))
        upload_statement(file=file, actor=lena, at=timezone.now())
        drain()

        assert lines() == fetched

    def test_tells_earlier_lines_which_payout_they_are_in(self, sandbox: SandboxProcess) -> None:
        payout = paid_out(sandbox)
        poll_payouts(at=timezone.now())
        fetch_waiting(at=timezone.now())
        drain()
        StatementLine.objects.update(payout_ref="")
        Statement.objects.update(sha256="0" * 64)
        ProcessorPayout.objects.update(statement=None)

        fetch_waiting(at=timezone.now())
        drain()

        assert set(StatementLine.objects.values_list("payout_ref", flat=True)) == {payout}
        assert StatementLine.objects.count() == 3

    def test_believes_what_was_asked_about_the_payout_before_a_report_of_some_days(
        self, sandbox: SandboxProcess, gateway: SandboxGateway, lena: User
    ) -> None:
        report = SimpleUploadedFile("days.csv", gateway.payout_report("GBP"))
        upload_statement(file=report, actor=lena, at=timezone.now())
        drain()
        told = set(StatementLine.objects.values_list("payout_ref", flat=True))
        payout = paid_out(sandbox)

        call_command("fetch_payouts")
        drain()

        assert told != {payout}
        assert set(StatementLine.objects.values_list("payout_ref", flat=True)) == {payout}


class TestTheNetwork:
    def test_is_never_called_inside_a_transaction(
        self, sandbox: SandboxProcess, gateway: SandboxGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paid_out(sandbox)
        asked: list[bool] = []
        ask = gateway._client.v1.payouts.retrieve

        def watched(*words: Any, **more: Any) -> Any:
            asked.append(connection.in_atomic_block)
            return ask(*words, **more)

        monkeypatch.setattr(gateway._client.v1.payouts, "retrieve", watched)
        with standing_in("stripe", gateway):
            heard(sandbox)
            fetch_waiting(at=timezone.now())

        assert asked
        assert not any(asked)


class TestTheButton:
    def test_fetches_what_is_reconciled(self, sandbox: SandboxProcess, client: Client, lena: User) -> None:
        client.force_login(lena)

        client.post(reverse("refunds:fetch_payouts"))
        client.post(reverse("refunds:fetch_payouts"))
        waiting = client.get(reverse("refunds:fetch_progress"), headers={"HX-Request": "true"}).text
        drain()
        drain()

        assert 'hx-trigger="every 1s"' in waiting
        assert Job.objects.filter(kind="fetch_payouts").count() == 1
        assert Statement.objects.get().uploaded_by == lena
        page = client.get(reverse("refunds:processor_payouts")).text
        assert "1 of 1 payouts were new and fetched." in page
        assert "£73.30" in page
        assert "3 lines" in page

    def test_can_be_stopped(self, sandbox: SandboxProcess, client: Client, lena: User) -> None:
        paid_out(sandbox)
        client.force_login(lena)
        client.post(reverse("refunds:fetch_payouts"))

        client.post(reverse("refunds:cancel_fetching"))
        drain()

        assert Job.objects.get().state == "cancelled"
        assert not Statement.objects.exists()

    def test_stops_between_two_payouts(
        self, sandbox: SandboxProcess, client: Client, lena: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paid_out(sandbox)
        client.force_login(lena)
        client.post(reverse("refunds:fetch_payouts"))
        job = Job.objects.get()
        monkeypatch.setattr("refunds.reconciliation.fetching.report_progress", lambda **_words: False)

        run_fetch(job_id=job.pk, at=timezone.now())

        assert Job.objects.get(pk=job.pk).state == "cancelled"
        assert ProcessorPayout.objects.get().waits_to_be_fetched

    def test_says_when_stripe_does_not_answer(self, sandbox: SandboxProcess, client: Client, lena: User) -> None:
        client.force_login(lena)
        client.post(reverse("refunds:fetch_payouts"))
        sandbox.stop()

        drain()
        sandbox.start()

        assert "Stripe does not answer" in client.get(reverse("refunds:processor_payouts")).text

    def test_shows_a_payout_that_came_back(self, sandbox: SandboxProcess, client: Client, lena: User) -> None:
        payout = paid_out(sandbox)
        sandbox.ask("POST", f"/_sandbox/payouts/{payout}/fail")
        poll_payouts(at=timezone.now())
        client.force_login(lena)

        assert "Its lines are in question" in client.get(reverse("refunds:processor_payouts")).text
        assert "The bank sent £73.30 back." in client.get(reverse("refunds:payout", args=[payout])).text
