"""What is said from outside is checked before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, kept_secret, load

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTION = {
    "DEMO": "0",
    "SECRET_KEY": "long and random",
    "DATABASE_URL": "postgresql://db.example/redress",
    "ALLOWED_HOSTS": "refunds.example, www.refunds.example",
    "STRIPE_API_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old",
    "EMAIL_URL": "smtp://mail.example",
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An outside that says nothing yet."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    load.cache_clear()
    monkeypatch.setattr("config.environment.load.cache_clear", load.cache_clear, raising=False)
    return monkeypatch


@pytest.fixture(autouse=True)
def read_again() -> None:
    """Let no test read what another one said."""
    load.cache_clear()


class TestABareCheckout:
    def test_is_the_demo_on_sandbox_money(self, told: pytest.MonkeyPatch) -> None:
        environment = load()

        assert environment.demo
        assert environment.starts_sandbox
        assert environment.gateway_address == "http://127.0.0.1:12111"

    def test_uses_another_gateway_when_told_and_starts_none(self, told: pytest.MonkeyPatch) -> None:
        told.setenv("STRIPE_API_BASE", "http://127.0.0.1:9999/")

        environment = load()

        assert environment.gateway_address == "http://127.0.0.1:9999"
        assert not environment.starts_sandbox


class TestProduction:
    def test_names_everything_that_is_missing_at_once(self, told: pytest.MonkeyPatch) -> None:
        told.setenv("DEMO", "0")

        with pytest.raises(ImproperlyConfigured) as refusal:
            load()

        for name in PRODUCTION:
            assert name == "DEMO" or f"{name} is missing." in str(refusal.value)

    def test_starts_when_everything_is_said(self, told: pytest.MonkeyPatch) -> None:
        for name, value in PRODUCTION.items():
            told.setenv(name, value)

        environment = load()

        assert environment.allowed_hosts == ("refunds.example", "www.refunds.example")
        assert environment.stripe_webhook_secrets == ("whsec_new", "whsec_old")
        assert environment.gateway_address == "https://api.stripe.com"
        assert not environment.starts_sandbox

    def test_names_a_value_it_cannot_read(self, told: pytest.MonkeyPatch) -> None:
        told.setenv("SANDBOX_PORT", "often")

        with pytest.raises(ImproperlyConfigured, match="SANDBOX_PORT"):
            load()


class TestTheDemo:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ALLOWED_HOSTS", "127.0.0.1,refunds.example"),
            ("ALLOWED_HOSTS", "*"),
            ("STRIPE_API_KEY", "sk_live_1"),
            ("STRIPE_API_KEY", "rk_live_1"),
            ("STRIPE_API_BASE", "https://api.stripe.com"),
        ],
    )
    def test_refuses_strangers_and_real_money(self, told: pytest.MonkeyPatch, name: str, value: str) -> None:
        told.setenv(name, value)

        with pytest.raises(ImproperlyConfigured, match=name):
            load()

    def test_speaks_to_a_real_address_with_a_test_key_only(self, told: pytest.MonkeyPatch) -> None:
        told.setenv("STRIPE_API_BASE", "https://api.stripe.com")
        told.setenv("STRIPE_API_KEY", "sk_test_1")

        assert load().stripe_api_key == "sk_test_1"


class TestKeptSecret:
    def test_is_made_up_once_and_private(self, tmp_path: Path) -> None:
        path = tmp_path / "var" / "secret_key"

        first = kept_secret(path)

        assert len(first) > 50
        assert kept_secret(path) == first
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]


class TestALanguageModel:
    def test_is_off_unless_an_address_is_set(self, told: pytest.MonkeyPatch) -> None:
        assert load().model_url == ""

    def test_needs_a_name(self, told: pytest.MonkeyPatch) -> None:
        told.setenv("MODEL_URL", "https://models.example/v1")
        with pytest.raises(ImproperlyConfigured, match="MODEL_NAME is needed"):
            load()

    def test_has_its_key_from_a_file(self, told: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("sk-1\n")
        told.setenv("MODEL_KEY_FILE", str(tmp_path / "key"))
        assert load().key_of_model == "sk-1"

    def test_names_a_key_file_that_is_not_there(self, told: pytest.MonkeyPatch, tmp_path: Path) -> None:
        told.setenv("MODEL_KEY_FILE", str(tmp_path / "none"))
        with pytest.raises(ImproperlyConfigured, match="MODEL_KEY_FILE names no file"):
            load()
