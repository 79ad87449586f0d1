"""What is said from outside is checked before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, kept_secret, load

if TYPE_CHECKING:
    from pathlib import Path

LONG = "k3Yw0rd-0123456789-abcdefghijklmnop"
PRODUCTION = {
    "DEMO": "0",
    "SECRET_KEY": LONG,
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
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
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

    @pytest.mark.parametrize("word", ["long and random", "a" * 64, LONG[:31]])
    @pytest.mark.parametrize(
        "name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "PAYEE_KEYS", "WEBHOOK_KEYS", "SIGN_IN_KEYS"]
    )
    def test_refuses_a_key_that_can_be_guessed(self, told: pytest.MonkeyPatch, name: str, word: str) -> None:
        for key, value in (PRODUCTION | {name: word}).items():
            told.setenv(key, value)

        with pytest.raises(ImproperlyConfigured, match=f"{name} holds a key that is too easy to guess"):
            load()

    def test_still_opens_with_a_short_key_behind_a_long_one(self, told: pytest.MonkeyPatch) -> None:
        for key, value in (PRODUCTION | {"PAYEE_KEYS": f"{LONG},short", "SECRET_KEY_FALLBACKS": f"{LONG}1"}).items():
            told.setenv(key, value)

        assert load().payee_keys == (LONG, "short")
        assert load().secret_key_fallbacks == (f"{LONG}1",)

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


class TestASecretInAFile:
    @pytest.mark.parametrize("name", Environment.SECRETS)
    def test_is_read_for_every_secret(self, told: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
        path = private(tmp_path / "secret", f" {LONG}\n")
        told.setenv(f"{name.upper()}_FILE", str(path))
        if name == "stripe_api_key":
            path.write_text("sk_test_1")

        value = getattr(load(), name)

        expected = path.read_text().strip()
        assert value == ((expected,) if isinstance(value, tuple) else expected)

    def test_is_known_for_every_setting_that_holds_one(self) -> None:
        ends = ("_key", "_keys", "_secret", "_secrets", "_token", "_fallbacks")
        secret = {name for name in Environment.model_fields if name.endswith(ends)}

        assert secret <= set(Environment.SECRETS) <= set(Environment.model_fields)

    def test_may_have_the_words_of_a_list_on_lines(self, told: pytest.MonkeyPatch, tmp_path: Path) -> None:
        told.setenv("PAYEE_KEYS_FILE", str(private(tmp_path / "keys", "new\nold\n")))

        assert load().payee_keys == ("new", "old")

    def test_counts_as_said_in_production(self, told: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name, value in PRODUCTION.items():
            told.setenv(name, value)
        told.delenv("SECRET_KEY")
        told.setenv("SECRET_KEY_FILE", str(private(tmp_path / "key", LONG)))

        assert load().secret_key == LONG

    def test_is_refused_beside_its_setting(self, told: pytest.MonkeyPatch, tmp_path: Path) -> None:
        told.setenv("METRICS_TOKEN", "one")
        told.setenv("METRICS_TOKEN_FILE", str(private(tmp_path / "token", "one")))

        with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN_FILE and METRICS_TOKEN are both set"):
            load()

    @pytest.mark.parametrize("mode", [0o604, 0o602, 0o644])
    def test_is_refused_where_others_may_open_it(self, told: pytest.MonkeyPatch, tmp_path: Path, mode: int) -> None:
        path = private(tmp_path / "key", LONG)
        path.chmod(mode)
        told.setenv("MODEL_KEY_FILE", str(path))

        with pytest.raises(ImproperlyConfigured, match="MODEL_KEY_FILE names a file that everybody") as refusal:
            load()

        assert LONG not in str(refusal.value)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (None, "names no file"),
            (b" \n", "names a file that is empty"),
            (b"\xff\xfe\x00", "names a file that is no text"),
            (b"x" * (64 * 1024 + 1), "names a file that is too long"),
        ],
    )
    def test_is_refused_when_there_is_none(
        self, told: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, sentence: str
    ) -> None:
        path = tmp_path / "key"
        if content is not None:
            private(path, "").write_bytes(content)
        told.setenv("OIDC_CLIENT_SECRET_FILE", str(path))

        with pytest.raises(ImproperlyConfigured, match=f"OIDC_CLIENT_SECRET_FILE {sentence}"):
            load()


def private(path: Path, text: str) -> Path:
    """Write a file that its owner alone reads."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path
