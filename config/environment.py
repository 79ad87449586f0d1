"""What the process is told from outside, typed and read once.

A bare checkout is the demo: loopback addresses, sandbox money, an embedded database. ``DEMO=0`` is production, where
everything in ``Environment.REQUIRED`` must be said.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.key_words import objections_to_keys
from config.secret_files import read_secret_files

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", ".localhost", "testserver"})
TEST_KEY_PREFIXES = ("sk_test_", "rk_test_")

Words = Annotated[tuple[str, ...], NoDecode]


class RetentionRule(BaseModel):
    """How many years a team keeps vouchers, business letters and what answers a claim, and which law says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    voucher_years: int = Field(ge=1, le=30)
    letter_years: int = Field(ge=1, le=30)
    claim_years: int = Field(ge=1, le=30)
    reason: str = Field(min_length=10, max_length=200)


class PayoutAccount(BaseModel):
    """An account of ours that bank transfers leave from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=2, max_length=70)
    iban: str = Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")
    bic: str = Field(default="", pattern=r"^(|[A-Z0-9]{8}|[A-Z0-9]{11})$")


DEMO_ACCOUNTS = {
    "GBP": PayoutAccount(name="Redress Demo Ltd", iban="GB33BUKB20201555555555", bic="BUKBGB22"),
    "EUR": PayoutAccount(name="Redress Demo GmbH", iban="DE75512108001245126199"),
}
"""Accounts of examples that banks publish; nothing of the demo ever reaches one."""

KEPT_LONGEST = RetentionRule(
    voucher_years=10,
    letter_years=6,
    claim_years=6,
    reason="The longest duty known to us; nobody named the law of this team",
)
DEMO_RETENTION = {
    "uk-retail": RetentionRule(
        voucher_years=6, letter_years=6, claim_years=6, reason="HMRC VAT Notice 700/21; Limitation Act 1980, s. 5"
    ),
    "eu-saas": RetentionRule(
        voucher_years=8, letter_years=6, claim_years=3, reason="§ 147(3) AO, § 257(4) HGB; §§ 195, 199 BGB"
    ),
}


class Environment(BaseSettings):
    """Every outside setting by its own name in capitals; lists are separated by commas."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    REQUIRED: ClassVar[tuple[str, ...]] = (
        "secret_key",
        "database_url",
        "allowed_hosts",
        "stripe_api_key",
        "stripe_webhook_secrets",
        "email_url",
    )
    SECRETS: ClassVar[tuple[str, ...]] = (
        "secret_key",
        "secret_key_fallbacks",
        "database_url",
        "celery_broker_url",
        "email_url",
        "stripe_api_key",
        "stripe_webhook_secrets",
        "payee_keys",
        "webhook_keys",
        "sign_in_keys",
        "oidc_client_secret",
        "model_key",
        "metrics_token",
    )
    """What may be said as NAME_FILE too: the path of a file that holds it."""

    demo: bool = True
    debug: bool = False
    secret_key: str = ""
    secret_key_fallbacks: Words = ()
    allowed_hosts: Words = ()
    csrf_trusted_origins: Words = ()
    database_url: str = ""
    database_role: str = ""
    database_patience_seconds: int = Field(default=0, ge=0, le=600)
    celery_broker_url: str = ""
    email_url: str = ""
    email_from: str = "Redress <refunds@localhost>"
    portal_url: str = ""
    port: int = Field(default=8000, ge=1, le=65535)
    stripe_api_key: str = ""
    stripe_api_base: str = ""
    stripe_webhook_secrets: Words = ()
    sandbox_port: int = Field(default=12111, ge=1, le=65535)
    recall_seconds: int = Field(default=300, ge=0)
    demo_recall_seconds: int = Field(default=0, ge=0)
    clamd_address: str = Field(default="", pattern=r"^(|/.+|.+:\d{1,5})$")
    clamd_seconds: int = Field(default=10, ge=1, le=120)
    evidence_link_seconds: int = Field(default=300, ge=10, le=3600)
    evidence_file_megabytes: int = Field(default=10, ge=1, le=100)
    evidence_file_megapixels: int = Field(default=20, ge=1, le=50)
    evidence_pdf_pages: int = Field(default=20, ge=1, le=200)
    evidence_files_per_subject: int = Field(default=20, ge=1, le=500)
    evidence_subject_megabytes: int = Field(default=100, ge=1)
    evidence_team_day_files: int = Field(default=5000, ge=1)
    evidence_team_day_megabytes: int = Field(default=10_000, ge=1)
    evidence_person_day_files: int = Field(default=2000, ge=1)
    statement_day_files: int = Field(default=200, ge=1)
    pages_per_minute: int = Field(default=600, ge=0)
    signing_key_file: Path | None = None
    ledger_origin: str = ""
    checkpoint_export: str = ""
    timestamp_url: str = ""
    timestamp_ca_file: Path | None = None
    retention: dict[str, RetentionRule] = Field(default_factory=dict)
    payee_keys: Words = ()
    payout_accounts: dict[str, PayoutAccount] = Field(default_factory=dict)
    webhook_keys: Words = ()
    sign_in_keys: Words = ()
    oidc_url: str = Field(default="", max_length=500)
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = Field(default="Company sign-in", max_length=60)
    oidc_is_second_factor: bool = False
    oidc_strong: Words = ("mfa",)
    sessions_at_once: int = Field(default=5, ge=1, le=100)
    password_words: Words = ()
    password_list_file: Path | None = None
    sign_in_keep_days: int = Field(default=180, ge=30, le=730)
    unencrypted_hosts: Words = ()
    proxy_count: int = Field(default=1, ge=0, le=5)
    webhook_allowed: Words = ()
    webhook_ports: Annotated[tuple[int, ...], NoDecode] = (443,)
    webhook_ca_file: Path | None = None
    webhook_disable_after_days: int = Field(default=5, ge=1, le=60)
    webhook_keep_days: int = Field(default=30, ge=7)
    model_url: str = Field(default="", max_length=500)
    model_name: str = Field(default="", max_length=80)
    model_key: str = ""
    model_seconds: int = Field(default=15, ge=1, le=60)
    model_day_calls: int = Field(default=200, ge=0)
    model_day_tokens: int = Field(default=200_000, ge=0)
    model_allowed: Words = ()
    var_dir: Path = PROJECT / "var"
    organisation_time_zone: str = "Europe/London"
    log_level: str = "INFO"
    metrics_token: str = ""
    test_db_suffix: str = ""

    @field_validator(
        "allowed_hosts",
        "csrf_trusted_origins",
        "stripe_webhook_secrets",
        "secret_key_fallbacks",
        "payee_keys",
        "webhook_keys",
        "sign_in_keys",
        "oidc_strong",
        "password_words",
        "unencrypted_hosts",
        "webhook_allowed",
        "webhook_ports",
        "model_allowed",
        mode="before",
    )
    @classmethod
    def split_on_commas(cls, value: object) -> object:
        """Read ``a, b`` as two words, and two lines of a file."""
        if not isinstance(value, str):
            return value
        return tuple(word.strip() for word in value.replace("\n", ",").split(",") if word.strip())

    @field_validator("organisation_time_zone")
    @classmethod
    def is_a_time_zone(cls, value: str) -> str:
        """Refuse what names no time zone; else every day of the books would be wrong."""
        if value not in available_timezones():
            message = f"“{value}” is no time zone; write it as Europe/London."
            raise ValueError(message)
        return value

    @property
    def gateway_address(self) -> str:
        """Where Stripe answers: as told, else the sandbox in the demo and Stripe itself in production."""
        if self.stripe_api_base:
            return self.stripe_api_base.rstrip("/")
        return f"http://127.0.0.1:{self.sandbox_port}" if self.demo else "https://api.stripe.com"

    @property
    def recall_window_seconds(self) -> int:
        """How long money that a person approved waits, so that she may take it back; zero waits for nobody."""
        return self.demo_recall_seconds if self.demo else self.recall_seconds

    @property
    def portal_address(self) -> str:
        """Where people open the portal, for links in mail: as told, else this machine in the demo or the first host."""
        if self.portal_url:
            return self.portal_url.rstrip("/")
        host = next((host.lstrip(".") for host in self.allowed_hosts if host != "*"), "localhost")
        return f"http://127.0.0.1:{self.port}" if self.demo else f"https://{host}"

    @property
    def signing_key_path(self) -> str:
        """The file of the key that signs checkpoints: as told, else one in the demo's own folder; empty for none."""
        if self.signing_key_file is not None:
            return str(self.signing_key_file)
        return str(self.var_dir / "signing_key.pem") if self.demo else ""

    @property
    def checkpoint_copies(self) -> str:
        """Where checkpoints are copied to: a folder or an e-mail address; empty for nowhere."""
        return self.checkpoint_export or (str(self.var_dir / "checkpoints") if self.demo else "")

    @property
    def retention_rules(self) -> dict[str, RetentionRule]:
        """How long each team keeps what, by its slug; `*` is for every team that is not named."""
        return {"*": KEPT_LONGEST, **(DEMO_RETENTION if self.demo else {}), **self.retention}

    @property
    def accounts_by_currency(self) -> dict[str, PayoutAccount]:
        """The account that pays each currency: as told, else examples in the demo and none elsewhere."""
        return self.payout_accounts or (DEMO_ACCOUNTS if self.demo else {})

    @property
    def origin_of_ledger(self) -> str:
        """What checkpoints call the ledger: as told, else after the host of the portal."""
        host = "redress.demo" if self.demo else urlsplit(self.portal_address).hostname
        return self.ledger_origin or f"{host}/ledger"

    @property
    def webhooks_allowed_to(self) -> tuple[str, ...]:
        """Inner hosts and networks webhooks may go to: as told, else this machine in the demo and none elsewhere."""
        return self.webhook_allowed or (("127.0.0.1",) if self.demo else ())

    @property
    def starts_sandbox(self) -> bool:
        """Whether the sandbox gateway is ours to start."""
        return self.demo and not self.stripe_api_base

    def objections(self) -> list[str]:
        """Every reason not to start, one sentence each."""
        found = self._objections_to_the_demo() if self.demo else self._objections_to_production()
        if self.model_url and not self.model_name:
            found.append("MODEL_URL is set, so MODEL_NAME is needed: which language model to ask there.")
        if self.oidc_url and not self.oidc_client_id:
            found.append("OIDC_URL is set, so OIDC_CLIENT_ID is needed: what the portal is called there.")
        if self.oidc_url and not is_encrypted(self.oidc_url):
            found.append("OIDC_URL has to begin with https://: whoever sits between could say who comes in.")
        if self.password_list_file is not None and not self.password_list_file.is_file():
            found.append("PASSWORD_LIST_FILE names no file.")
        return found

    def _objections_to_production(self) -> list[str]:
        if self.debug:
            return []
        missing = [f"{name.upper()} is missing." for name in self.REQUIRED if not getattr(self, name)]
        return missing + objections_to_keys(
            {
                "SECRET_KEY": (self.secret_key,),
                "SECRET_KEY_FALLBACKS": self.secret_key_fallbacks,
                # Words behind the first only open what they once sealed; refused, it could never be sealed anew.
                "PAYEE_KEYS": self.payee_keys[:1],
                "WEBHOOK_KEYS": self.webhook_keys[:1],
                "SIGN_IN_KEYS": self.sign_in_keys[:1],
            }
        )

    def _objections_to_the_demo(self) -> list[str]:
        found = [
            f"DEMO is on, but ALLOWED_HOSTS names {host}: the demo answers on this machine only. Set DEMO=0."
            for host in self.allowed_hosts
            if host not in LOOPBACK
        ]
        if self.stripe_api_key and not self.stripe_api_key.startswith(TEST_KEY_PREFIXES):
            found.append(
                "DEMO is on, but STRIPE_API_KEY is not a test key (sk_test_...): the demo moves no real money."
            )
        if not self.stripe_api_key and self.stripe_api_base and not is_loopback(self.stripe_api_base):
            found.append("STRIPE_API_BASE is not on this machine, so STRIPE_API_KEY (sk_test_...) is needed.")
        return found


def is_encrypted(address: str) -> bool:
    """Whether what is sent to the web address is encrypted, or stays on this machine."""
    return urlsplit(address).scheme == "https" or (urlsplit(address).scheme == "http" and is_loopback(address))


def is_loopback(address: str) -> bool:
    """Whether the web address stays on this machine."""
    return (urlsplit(address).hostname or "") in LOOPBACK


@cache
def load() -> Environment:
    """Read the environment once. :raises ImproperlyConfigured: naming everything that is missing or wrong, at once"""
    kept, faults = read_secret_files(Environment.SECRETS, os.environ)
    if faults:
        raise ImproperlyConfigured("\n".join(["Redress cannot start:", *faults]))
    try:
        environment = Environment(**kept)
    except ValidationError as error:
        wrong = [f"{str(part['loc'][0]).upper()}: {part['msg']}." for part in error.errors()]
        raise ImproperlyConfigured("\n".join(wrong)) from error
    if objections := environment.objections():
        raise ImproperlyConfigured("\n".join(["Redress cannot start:", *objections]))
    return environment


def kept_secret(path: Path) -> str:
    """Return the secret kept in this file, made up when it is first asked for and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            # A link never replaces: of two processes that start at once, both read the first one's secret.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
