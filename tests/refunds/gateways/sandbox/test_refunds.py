"""The sandbox keeps Stripe's rules of refunds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import stripe

from tests.refunds.gateways.stage import SandboxProcess, payment

if TYPE_CHECKING:
    from refunds.gateways.sandbox_client import SandboxGateway


@pytest.fixture
def client(sandbox: SandboxProcess) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", base_addresses={"api": sandbox.address}, max_network_retries=0)


def paid(client: stripe.StripeClient, method: str = "pm_card_visa", amount: int = 5000) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": amount, "currency": "gbp", "payment_method": method, "confirm": True}
    )


def asked(sandbox: SandboxProcess, method: str, path: str, body: bytes | None, **headers: str) -> None:
    request = urllib.request.Request(sandbox.address + path, body, headers, method=method)  # noqa: S310 - loopback
    urllib.request.urlopen(request, timeout=5)  # noqa: S310 - loopback


class TestRefunds:
    """Refunds, asked for through the real SDK."""

    def test_never_exceed_the_charge(self, client: stripe.StripeClient) -> None:
        intent = paid(client)
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 4000})

        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create({"payment_intent": intent.id, "amount": 1001})

        assert refused.value.code == "amount_too_large"
        assert refused.value.param == "amount"
        client.v1.refunds.create({"payment_intent": intent.id})
        charge = client.v1.charges.retrieve(str(intent.latest_charge))
        assert (charge.amount_refunded, charge.refunded) == (5000, True)

    def test_may_be_asked_for_again_once_one_failed(self, client: stripe.StripeClient, sandbox: SandboxProcess) -> None:
        intent = paid(client)
        refund = client.v1.refunds.create({"payment_intent": intent.id})

        sandbox.ask("POST", f"/_sandbox/refunds/{refund.id}/fail")

        failed = client.v1.refunds.retrieve(refund.id)
        assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
        assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
        assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"

    @pytest.mark.parametrize(
        ("method", "at_first", "in_the_end"),
        [("pm_card_refundFail", "succeeded", "failed"), ("pm_card_pendingRefund", "pending", "succeeded")],
    )
    def test_turn_by_themselves_as_documented(
        self, client: stripe.StripeClient, sandbox: SandboxProcess, method: str, at_first: str, in_the_end: str
    ) -> None:
        refund = client.v1.refunds.create({"payment_intent": paid(client, method).id})

        assert refund.status == at_first
        assert sandbox.settled(refund.id, in_the_end)

    def test_on_a_disputed_charge_are_refused(self, client: stripe.StripeClient) -> None:
        intent = paid(client, "pm_card_createDispute")

        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create({"payment_intent": intent.id})

        assert refused.value.code == "charge_disputed"
        [event] = client.v1.events.list({"type": "charge.dispute.created"}).data
        assert client.v1.disputes.retrieve(event.data.object["id"]).payment_intent == intent.id

    def test_can_be_cancelled_while_they_wait_for_the_customer(self, client: stripe.StripeClient) -> None:
        refund = client.v1.refunds.create({"payment_intent": paid(client, "pm_sandbox_refundRequiresAction").id})

        assert client.v1.refunds.cancel(refund.id).status == "canceled"
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.cancel(refund.id)

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({}, "parameter_missing"),
            ({"payment_intent": "pi_1", "amount": 0}, "parameter_invalid_integer"),
            ({"payment_intent": "pi_1", "amount": -5}, "parameter_invalid_integer"),
            ({"payment_intent": "pi_1", "amount": "1e3"}, "parameter_invalid_integer"),
            ({"payment_intent": "pi_1", "reason": "because"}, "parameter_invalid"),
            ({"payment_intent": "pi_1", "metadata": {"a": "b" * 501}}, "parameter_invalid_string_too_long"),
            ({"payment_intent": "pi_1", "surprise": "1"}, "parameter_unknown"),
            ({"payment_intent": "pi_1"}, "resource_missing"),
            ({"charge": "ch_1"}, "resource_missing"),
        ],
    )
    def test_are_refused_when_asked_for_wrongly(
        self, client: stripe.StripeClient, params: stripe.params.RefundCreateParams, code: str
    ) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params)

        assert refused.value.code == code

    def test_are_listed_page_by_page_both_ways(self, client: stripe.StripeClient) -> None:
        intent = paid(client)
        made = [client.v1.refunds.create({"payment_intent": intent.id, "amount": 1}).id for _ in range(7)]
        client.v1.refunds.create({"payment_intent": paid(client).id})

        first = client.v1.refunds.list({"payment_intent": intent.id, "limit": 3})
        second = first.next_page()

        assert [one.id for one in first] == made[:3:-1]
        assert first.has_more
        assert [one.id for one in second] == made[3:0:-1]
        assert [one.id for one in second.previous_page()] == [one.id for one in first]
        assert [one.id for one in first.auto_paging_iter()] == made[::-1]
        assert client.v1.refunds.list({"created": {"lt": 1_000_000_000}}).data == []


class TestAnnounce:
    """Payments captured elsewhere."""

    def test_takes_payments_of_the_past_once(self, gateway: SandboxGateway, sandbox: SandboxProcess) -> None:
        many = [payment(f"pi_many{number}", amount_minor=100 + number) for number in range(6_000)]

        gateway.announce(many)
        gateway.announce(many)

        books = sandbox.books()
        assert len(books["payments"]) == 6_001
        assert books["totals"]["captured"] == {"gbp": 10_000 + sum(one.amount_minor for one in many)}
        assert books["payments"][1]["created"] == int(datetime(2026, 10, 1, 9, tzinfo=UTC).timestamp())

    def test_reports_a_payment_known_with_another_amount(
        self, gateway: SandboxGateway, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        gateway.announce([payment("pi_100", amount_minor=1)])

        assert "pi_100" in caplog.text
        assert sandbox.books()["payments"][0]["amount"] == 10_000


class TestDoor:
    """Who may ask, and what nonsense hears."""

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/", None, 404),
            ("GET", "/v1/refunds", None, 401),
            ("POST", "/_sandbox/next", b"", 400),
            ("POST", "/_sandbox/next", b'{"fault": "flood"}', 400),
            ("POST", "/_sandbox/next", b'{"fault": {}}', 400),
            ("POST", "/_sandbox/next", b"[" * 100_000, 400),
            ("POST", "/_sandbox/payments", b'{"external_id": "pi_1"}', 400),
            ("POST", "/_sandbox/payments", b'[{"external_id": "../x", "amount": 1, "currency": "gbp"}]', 400),
            ("POST", "/_sandbox/payments", b'[{"external_id": "pi_1", "amount": 1.5, "currency": "gbp"}]', 400),
            ("POST", "/_sandbox/payments", b'[{"external_id": "pi_1", "amount": 1, "currency": "zzz"}]', 400),
            ("POST", "/_sandbox/refunds/re_1/fail", b"", 404),
            ("POST", "/_sandbox/payments/pi_1/dispute", b"{}", 404),
            ("GET", "/_sandbox/payout_report.csv", None, 400),
            ("GET", "/_sandbox/payout_report.csv?currency=gbp&from=yesterday", None, 400),
        ],
    )
    def test_answers_nonsense_with_a_sentence(
        self, sandbox: SandboxProcess, method: str, path: str, body: bytes | None, status: int
    ) -> None:
        with pytest.raises(urllib.error.HTTPError) as refused:
            asked(sandbox, method, path, body)

        assert refused.value.code == status
        assert json.load(refused.value)["error"]["message"]

    def test_is_closed_to_web_pages_under_another_name(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(urllib.error.HTTPError) as refused:
            asked(sandbox, "GET", "/_sandbox/books", None, Host="evil.example")

        assert refused.value.code == 403
