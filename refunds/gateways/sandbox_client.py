"""The sandbox as a gateway: Stripe's adapter word for word, and what only a sandbox can do."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING, Any

import requests

from refunds.gateways.base import CapturedPayment, GatewayUnreachable
from refunds.gateways.stripe import CONNECT_AND_READ_SECONDS, StripeGateway
from refunds.gateways.units import to_stripe_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

log = logging.getLogger(__name__)

BATCH_SIZE = 5000


class SandboxGateway(StripeGateway):
    """Refunds at the sandbox."""

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        """Register payments that the sandbox does not know; those it knows are left alone."""
        rest = iter(payments)
        while batch := list(islice(rest, BATCH_SIZE)):
            told = self._ask("POST", "/_sandbox/payments", json=[_row(payment) for payment in batch]).json()
            if told["conflicts"]:
                log.error("The sandbox knows these payments with another amount: %s", told["conflicts"][:20])

    def payout_report(
        self, currency: str, *, from_at: datetime | None = None, until_at: datetime | None = None
    ) -> bytes:
        """Download the payout report of one currency as CSV; the window's end is not part of it.

        :raises GatewayUnreachable:
        """
        window = {"from": from_at, "to": until_at}
        bounds = {name: str(int(at.timestamp())) for name, at in window.items() if at}
        answer = self._ask("GET", "/_sandbox/payout_report.csv", params={"currency": currency.lower(), **bounds})
        return answer.content

    def report_of_payout(self, external_id: str) -> bytes:
        """Download the report of one automatic payout as CSV.

        :raises GatewayUnreachable:
        """
        return self._ask("GET", "/_sandbox/payout_report.csv", params={"payout": external_id}).content

    def pay_out(self, currency: str) -> str:
        """Let the sandbox pay out what moved, as Stripe does by itself every day; answers the payout's id.

        :raises GatewayUnreachable: also when nothing moved
        """
        return str(self._ask("POST", "/_sandbox/payouts", json={"currency": currency.lower()}).json()["id"])

    def _ask(self, method: str, path: str, **body: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.request(method, self.api_base + path, timeout=CONNECT_AND_READ_SECONDS, **body)
                answer.raise_for_status()
            except requests.RequestException as silence:
                message = f"The sandbox at {self.api_base} did not answer: {silence}"
                raise GatewayUnreachable(message) from silence
        return answer


def _row(payment: CapturedPayment) -> dict[str, Any]:
    currency = payment.currency.upper()
    return {
        "external_id": payment.external_id,
        "amount": to_stripe_units(payment.amount_minor, currency),
        "currency": currency.lower(),
        "captured_at": int(payment.captured_at.timestamp()),
        "method": payment.method,
        "destination_charge": payment.is_destination_charge,
        "metadata": dict(payment.metadata),
    }
