"""What the sandbox gave back becomes a baseline: paged to the end, ours with what we know, other teams' left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from policies.baselines.reading import read_refunds
from policies.models import Baseline
from refunds.gateways.base import Accepted
from refunds.gateways.registry import standing_in
from refunds.models import Operation, Order, Payment, RefundRequest
from refunds.past_refunds import file_of_past_refunds
from tests.refunds.gateways.stage import instruction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from refunds.gateways.sandbox_client import SandboxGateway
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def paid_back(gateway: SandboxGateway) -> Iterator[SandboxGateway]:
    """Let the processor have given back more than one page of refunds."""
    for number in range(103):
        assert isinstance(gateway.refund(instruction(f"op-{number}", amount_minor=10)), Accepted)
    with standing_in("stripe", gateway):
        yield gateway


def known(world: World, team: str) -> Order:
    """Let the payment that was given back be of an order of this team."""
    order = world.order()
    Order.objects.filter(pk=order.pk).update(team=world.team(team), delivered_at=LONG_AGO)
    Payment.objects.filter(order=order).update(external_id="pi_100", gateway="stripe")
    return order


def run(*more: str) -> str:
    """Fetch as Mei."""
    out = StringIO()
    words = ["--policy", "retail-goods", "--version-number", "1", "--by", "mei", *more]
    call_command("fetch_baseline", *words, stdout=out)
    return out.getvalue()


class TestPastRefunds:
    def test_are_listed_to_the_last_page_with_what_we_know(self, world: World, paid_back: SandboxGateway) -> None:
        order = known(world, "uk-retail")

        content = file_of_past_refunds(gateway="stripe", team=world.team(), since=LONG_AGO)
        rows = read_refunds(content, team=world.team(), at=timezone.now() + timedelta(minutes=1))

        assert len(rows) == 103
        assert {row.amount.minor for row in rows} == {10}
        assert {row.delivered_at for row in rows} == {LONG_AGO}
        assert {row.charged_minor for row in rows} == {order.payments.get().captured_minor}
        assert content == file_of_past_refunds(gateway="stripe", team=world.team(), since=LONG_AGO)

    def test_of_another_team_are_left_out(self, world: World, paid_back: SandboxGateway) -> None:
        known(world, "us-dtc")

        content = file_of_past_refunds(gateway="stripe", team=world.team(), since=LONG_AGO)

        assert len(content.splitlines()) == 1

    def test_are_judged_by_the_command_and_move_nothing(
        self, world: World, mei: User, paid_back: SandboxGateway
    ) -> None:
        known(world, "uk-retail")

        assert run().splitlines()[-1].endswith(": 103 for £10.30")
        assert "nothing was added" in run()
        assert Baseline.objects.count() == 1
        assert not RefundRequest.objects.exists()
        assert not Operation.objects.exists()

    def test_that_cannot_be_read_to_the_end_are_no_baseline(self, world: World, mei: User) -> None:
        with pytest.raises(CommandError):
            run()
        assert not Baseline.objects.exists()

    def test_are_not_for_everybody(self, world: World, amir: User, paid_back: SandboxGateway) -> None:
        with pytest.raises(CommandError, match="add_baseline"):
            run("--by", "amir")
        assert not Baseline.objects.exists()
