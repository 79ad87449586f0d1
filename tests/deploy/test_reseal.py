"""What an older key sealed is sealed anew, wherever it lies, so that the old key can be taken away."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.conf import settings as configured
from django.core import signing as django_signing
from django.core.management import CommandError, call_command
from django.db import connection

from config.kernel.resealing import SealedColumn, reseal, sealed_columns
from refunds.models import AlternatePayout, PaymentFile, ShopConnection, WebhookEndpoint, WebhookSecret
from refunds.outgoing import signing
from refunds.outgoing.vocabulary import Shape
from refunds.payouts.accounts import open_sealed
from tests.accounts.test_sign_in import app_of
from tests.harness.people import settle
from tests.refunds.outgoing.stage import endpoint_at
from tests.refunds.outgoing.test_people import SLACK, told_as
from tests.refunds.payouts.stage import IBAN
from tests.refunds.payouts.test_payment_files import agreed, prepared
from tests.refunds.webhooks.shop import SECRET, connected

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.harness.world import World

ROOT: Final = Path(configured.BASE_DIR)
LISTS: Final = ("WEBHOOK_KEYS", "PAYEE_KEYS", "SIGN_IN_KEYS")
SECRETS: Final = "refunds.WebhookSecret.sealed"


def under(settings: Settings, *words: str) -> None:
    """Put these keys in force for everything."""
    for name in LISTS:
        setattr(settings, name, list(words))


def resealed() -> str:
    """Run the command, and answer what it printed."""
    told = StringIO()
    call_command("reseal", stdout=told, stderr=told)
    return told.getvalue()


def column(name: str) -> SealedColumn:
    """Find a column by its name."""
    return next(one for one in sealed_columns() if str(one) == name)


@pytest.mark.django_db
class TestResealing:
    def test_leaves_nothing_to_the_old_key(self, world: World, settings: Settings) -> None:
        under(settings, "old")
        _, secret = endpoint_at()
        told_as(Shape.SLACK, SLACK)
        shop, _ = connected(world)
        ShopConnection.objects.update(old_secret_sealed=signing.sealed("before"))
        agreed(world)
        file = prepared()
        app, codes = app_of(settle("dana")), RecoveryCodes.activate(settle("dana")).get_unused_codes()
        content = open_sealed(file.sealed)

        under(settings, "new", "old")
        told = resealed()
        under(settings, "new")

        for one in sealed_columns():
            assert f"{one}: " in told
        assert signing.opened(WebhookSecret.objects.get(endpoint__sealed_url="").sealed) == secret
        assert signing.opened(WebhookEndpoint.objects.exclude(sealed_url="").get().sealed_url) == SLACK
        shop.refresh_from_db()
        assert signing.opened(shop.secret_sealed) == SECRET
        assert signing.opened(shop.old_secret_sealed) == "before"
        assert signing.opened(shop.access_sealed) == "shpat_1"
        assert open_sealed(AlternatePayout.objects.get().iban_sealed) == IBAN.replace(" ", "")
        assert open_sealed(PaymentFile.objects.get().sealed) == content
        kept = Authenticator.objects.get(type="totp").data
        assert get_adapter().decrypt(kept["secret"]) == app
        assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes

    def test_goes_on_where_it_was_stopped(self, world: World, settings: Settings) -> None:
        under(settings, "old")
        for number in range(5):
            endpoint_at(f"https://hooks.example.com/{number}")
        under(settings, "new", "old")

        first = next(reseal(column(SECRETS), batch=2))
        assert (first.seen_count, first.sealed_count) == (2, 2)
        *_, last = reseal(column(SECRETS), batch=2)
        assert (last.seen_count, last.sealed_count) == (5, 3)

        kept = set(WebhookSecret.objects.values_list("sealed", flat=True))
        assert "0 sealed anew." in resealed()
        assert set(WebhookSecret.objects.values_list("sealed", flat=True)) == kept

    def test_says_how_many_no_key_opens_and_seals_the_rest(self, world: World, settings: Settings) -> None:
        under(settings, "lost")
        lost, _ = endpoint_at("https://hooks.example.com/lost")
        kept = lost.secrets.get().sealed
        under(settings, "old")
        _, secret = endpoint_at()
        under(settings, "new", "old")

        told = StringIO()
        with pytest.raises(CommandError, match="1 left unreadable"):
            call_command("reseal", stdout=told, stderr=told)

        assert f"{SECRETS}: left as they are: {lost.secrets.get().pk}" in told.getvalue()
        assert lost.secrets.get().sealed == kept
        under(settings, "new")
        assert signing.opened(WebhookSecret.objects.exclude(endpoint=lost).get().sealed) == secret

    def test_leaves_what_the_database_does_not_let_change(self, world: World, settings: Settings) -> None:
        under(settings, "old")
        endpoint, _ = endpoint_at()
        kept = endpoint.secrets.get().sealed
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE refunds_webhooksecret ADD CONSTRAINT stays CHECK (sealed = '{kept}')")
        under(settings, "new", "old")

        with pytest.raises(CommandError, match="1 left unreadable"):
            resealed()

        assert endpoint.secrets.get().sealed == kept


class TestASealedColumn:
    def test_is_listed_when_its_name_says_that_it_is_sealed(self) -> None:
        named = {
            f"{model._meta.label}.{field.name}"
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if "sealed" in field.name
        }

        assert named == {str(one) for one in sealed_columns()} - {"mfa.Authenticator.data"}

    def test_is_listed_wherever_something_is_sealed(self) -> None:
        """Every call that seals for keeping puts its answer into a column of the list."""
        columns = {one.column for one in sealed_columns()}
        calls, into = 0, list[str]()
        for path in ROOT.glob("refunds/**/*.py"):
            text = path.read_text(encoding="utf-8")
            if re.search(r"import .*\b(seal|sealed)$", text, re.MULTILINE) and "evidence.bundles.sealing" not in text:
                into += re.findall(r"(\w+)\"?(?: = |=|: )seal(?:ed)?\(", text)
                calls += len(re.findall(r"\bseal(?:ed)?\(", text))

        assert calls == len(into) > 0
        assert set(into) - columns == set()

    def test_is_of_every_box_there_is(self) -> None:
        purposes = set()
        for path in ROOT.glob("*/**/*.py"):
            if not path.is_relative_to(ROOT / "tests") and not path.is_relative_to(ROOT / ".venv"):
                text = path.read_text(encoding="utf-8")
                if "sealing import box" in text and path.name != "resealing.py":
                    (purpose,) = re.findall(r'^SEAL_PURPOSE = "(.+)"$', text, re.MULTILINE)
                    assert f"purpose={purpose!r}" not in text
                    purposes.add(purpose)

        assert purposes == {one.purpose for one in sealed_columns()}


class TestAnOldSecretKey:
    def test_still_proves_what_it_signed_and_opens_what_it_sealed(self, settings: Settings) -> None:
        settings.SECRET_KEY = "old"
        signed = django_signing.dumps("word")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
        assert django_signing.loads(signed) == "word"

        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(django_signing.BadSignature):
            django_signing.loads(signed)
