"""A name leads to one gateway per process, built from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.gateways.registry import UnknownGateway, forget_gateways, gateway_named, standing_in
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.gateways.stripe import StripeGateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def fresh(settings: Settings) -> Iterator[None]:
    settings.STRIPE_API_KEY = "sk_test_1"
    settings.STRIPE_API_BASE = "http://127.0.0.1:12111/"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_1"]
    settings.SANDBOX = True
    forget_gateways()
    yield
    forget_gateways()


class TestGatewayNamed:
    """The way to a gateway."""

    def test_builds_the_sandbox_once(self) -> None:
        gateway = gateway_named("stripe")

        assert isinstance(gateway, SandboxGateway)
        assert gateway.api_base == "http://127.0.0.1:12111"
        assert gateway_named("stripe") is gateway

    def test_builds_stripe_where_no_sandbox_runs(self, settings: Settings) -> None:
        settings.SANDBOX = False

        assert type(gateway_named("stripe")) is StripeGateway

    def test_refuses_a_name_nobody_answers_to(self) -> None:
        with pytest.raises(UnknownGateway):
            gateway_named("bank")

    def test_lets_another_stand_in_for_a_while(self) -> None:
        usual, other = gateway_named("stripe"), StripeGateway("sk_test_2", [])

        with standing_in("stripe", other):
            assert gateway_named("stripe") is other
        assert gateway_named("stripe") is usual
