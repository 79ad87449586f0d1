"""Which gateway stands behind a name in this installation; the one place of this folder that reads the settings."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from refunds.gateways.actions import ActionGateway
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.gateways.store_credit import StoreCreditGateway
from refunds.gateways.stripe import StripeGateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from refunds.gateways.base import PaymentGateway


def _stripe() -> PaymentGateway:
    kind = SandboxGateway if settings.SANDBOX else StripeGateway
    return kind(settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRETS, api_base=settings.STRIPE_API_BASE)


OURS: dict[str, Callable[[], PaymentGateway]] = {
    StoreCreditGateway.name: StoreCreditGateway,
    ManualBankTransfer.name: ManualBankTransfer,
}
"""Gateways that are ways of our own to pay, with nobody to connect to."""

FAR: dict[str, Callable[[], PaymentGateway]] = {StripeGateway.name: _stripe}
"""Gateways that are somebody else's, each with how it is built from the settings."""

_gateways: dict[str, PaymentGateway] = {}


class UnknownGateway(LookupError):
    """No gateway of this name serves here."""


def gateway_named(name: str) -> PaymentGateway:
    """Find the gateway that moves money for payments of this name (`stripe`), built once per process.

    :raises UnknownGateway:
    """
    if name not in _gateways:
        _gateways[name] = _built(name)
    return _gateways[name]


def action_gateway_named(name: str) -> ActionGateway:
    """Find the gateway that also carries out governed actions.

    :raises UnknownGateway: for one that only pays refunds, or that nobody knows
    """
    gateway = gateway_named(name)
    if not isinstance(gateway, ActionGateway):
        message = f"{name!r} carries out no governed actions."
        raise UnknownGateway(message)
    return gateway


def far_action_gateways() -> list[str]:
    """Name the gateways of somebody else's that carry out governed actions too."""
    return [name for name in FAR if isinstance(gateway_named(name), ActionGateway)]


def forget_gateways() -> None:
    """Build every gateway anew when next asked for."""
    _gateways.clear()


@contextmanager
def standing_in(name: str, gateway: PaymentGateway) -> Iterator[None]:
    """Let another gateway answer to a name for a while, as tests do."""
    before = _gateways.get(name)
    _gateways[name] = gateway
    try:
        yield
    finally:
        del _gateways[name]
        if before is not None:
            _gateways[name] = before


def _built(name: str) -> PaymentGateway:
    build = OURS.get(name) or FAR.get(name)
    if build is None:
        message = f"No gateway is called {name!r}."
        raise UnknownGateway(message)
    return build()


# A connection of the parent must not be shared with the workers it forks.
os.register_at_fork(after_in_child=forget_gateways)
