"""What the demo asks of the sandbox beyond what any gateway can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.sandbox_client import SandboxGateway

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 30


class SandboxDesk:
    """The sandbox behind `STRIPE_API_BASE`, whoever started it."""

    def __init__(self) -> None:
        """Open no connection yet."""
        self.gateway = SandboxGateway(
            settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRETS, api_base=settings.STRIPE_API_BASE
        )

    def is_there(self) -> bool:
        """Tell whether a sandbox of ours answers; another processor there is none of our toys."""
        try:
            return "totals" in self.books()
        except GatewayUnreachable:
            return False

    def books(self) -> Mapping[str, Any]:
        """Read its own books: payments, refunds, totals.

        :raises GatewayUnreachable:
        """
        return self._ask("GET", "/_sandbox/books")

    def fail_refund(self, external_id: str) -> None:
        """Let a refund fail that succeeded before.

        :raises GatewayUnreachable:
        """
        self._ask("POST", f"/_sandbox/refunds/{external_id}/fail")

    def arm(self, fault: str) -> None:
        """Let something befall the next refund.

        :raises GatewayUnreachable:
        """
        self._ask("POST", "/_sandbox/next", {"fault": fault})

    def complain(self, payment_external_id: str, kind: str) -> None:
        """Let a customer open a `dispute` or an `inquiry`, or her bank send a `warning`.

        :raises GatewayUnreachable:
        """
        deed = "warning" if kind == "warning" else "dispute"
        self._ask("POST", f"/_sandbox/payments/{payment_external_id}/{deed}", {"inquiry": kind == "inquiry"})

    def take_fee(self, minor: int, currency: str) -> str:
        """Take an application fee, as a charge of a connected account would. Answers its id.

        :raises GatewayUnreachable:
        """
        return str(self._ask("POST", "/_sandbox/application_fees", {"amount": minor, "currency": currency})["id"])

    def refund_by_hand(self, payment_external_id: str, minor: int) -> str:
        """Refund a part as a colleague would in the processor's dashboard, without us. Answers the refund's id.

        :raises GatewayUnreachable:
        """
        form = {"payment_intent": payment_external_id, "amount": minor}
        return str(self._ask("POST", "/v1/refunds", form=form)["id"])

    def _ask(
        self, method: str, path: str, body: object = None, *, form: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            try:
                address = settings.STRIPE_API_BASE + path
                key = {"Authorization": f"Bearer {settings.STRIPE_API_KEY}"}
                answer = session.request(method, address, timeout=TIMEOUT_SECONDS, json=body, data=form, headers=key)
                answer.raise_for_status()
                told = answer.json()
            except (requests.RequestException, ValueError) as silence:
                message = f"No sandbox answers at {settings.STRIPE_API_BASE}: {silence}"
                raise GatewayUnreachable(message) from silence
        return told if isinstance(told, dict) else {}
