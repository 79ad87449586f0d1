"""The demo shows money outside refund requests: one payout waits, some left as asked, two refunds without us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from approvals.queue_view import QueueView
from approvals.selectors import waiting_routes
from config.demo.people import person
from policies.models import GovernedAction
from refunds.actions.bypass import bypass_rates
from refunds.models import Payment

from .shown import NOW

if TYPE_CHECKING:
    from django.test import Client

    from tests.refunds.gateways.stage import SandboxProcess

pytestmark = pytest.mark.django_db


class TestTheDemo:
    def test_shows_money_that_leaves_outside_refund_requests(self, shown: SandboxProcess, client: Client) -> None:
        shown_as = {(one.category, one.state, one.amount_minor) for one in GovernedAction.objects.all()}
        assert shown_as == {
            ("payout", "done", 1_450_00),
            ("payout", "awaiting_approval", 3_200_00),
            ("application_fee_refund", "done", 18_40),
            ("refund", "explained", 25_00),
            ("refund", "observed", 25_00),
        }
        viktor = person("viktor")
        waiting = waiting_routes(viktor, QueueView(currency="USD"), at=NOW)
        assert [route.amount_minor for route in waiting] == [3_200_00]
        months = bypass_rates(person("lena"), at=timezone.now())
        assert sum(month.ungoverned_count for month in months) == 2
        assert Payment.objects.filter(elsewhere_minor=25_00).count() == 2
        by_hand = {one["id"] for one in shown.books()["refunds"] if "refund_request" not in one["metadata"]}
        assert by_hand == set(GovernedAction.objects.filter(is_ungoverned=True).values_list("external_id", flat=True))
        client.force_login(viktor)
        assert "3,200.00" in client.get("/queue/").text
