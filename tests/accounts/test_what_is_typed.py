"""Passwords are taken as they are typed, pasted or kept; codes and seeds are nobody's guess."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.deploy.test_environment import PRODUCTION
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

PASSWORD = "  Plum Harbour Lantern  "
SCRIPTS = sorted((Path(settings.BASE_DIR) / "static/js").rglob("*.js"))


def with_password(word: str, name: str = "amir") -> User:
    user = settle(name)
    user.set_password(word)
    user.save()
    return user


def comes_in(word: str, name: str = "amir") -> bool:
    client = Client()
    client.post("/login/", {"login": name, "password": word})
    return "_auth_user_id" in client.session


def filled_in(page: str) -> list[str]:
    """Tell what each box for a password tells whoever keeps passwords."""
    boxes = [box for box in re.findall(r"<input[^>]*>", page) if 'type="password"' in box]
    return [" ".join(re.findall(r'autocomplete="([\w -]+)"', box)) for box in boxes]


class TestAPassword:
    @pytest.mark.parametrize("other", [PASSWORD.strip(), PASSWORD.lower(), PASSWORD[:-1], PASSWORD.replace("  ", " ")])
    def test_is_taken_as_it_was_typed(self, other: str) -> None:
        with_password(PASSWORD)

        assert not comes_in(other)
        assert comes_in(PASSWORD)

    @pytest.mark.parametrize("length", [64, 200])
    def test_may_be_long_to_its_last_letter(self, length: int) -> None:
        inside, old = Client(), "a long enough secret"
        inside.force_login(with_password(old))
        long = "plum harbour lantern " * 20
        words = {"old_password": old, "new_password1": long[:length], "new_password2": long[:length]}
        assert inside.post("/account/password/", words).status_code == 302

        assert comes_in(long[:length])
        assert not comes_in(long[: length - 1])
        assert not comes_in(long[: length - 1] + "?")

    def test_opens_after_years_without_a_change(self) -> None:
        with_password(PASSWORD)
        with time_machine.travel(timezone.now() + timedelta(days=3 * 365)):
            client = Client()
            answer = client.post("/login/", {"login": "amir", "password": PASSWORD})
            assert answer.headers["Location"] == "/"
            assert client.get("/settings/").status_code == 200

    def test_is_asked_for_so_that_managers_of_passwords_fill_it_in(self) -> None:
        inside = Client()
        inside.force_login(with_password(PASSWORD))
        shown = Client().get("/login/").text
        changed = inside.get("/account/password/").text

        assert filled_in(shown) == ["current-password"]
        assert filled_in(changed) == ["current-password", "new-password", "new-password"]

    def test_that_is_pasted_meets_no_script(self) -> None:
        listening = [script.name for script in SCRIPTS if re.search(r"['\"]paste['\"]|onpaste", script.read_text())]

        assert SCRIPTS
        assert listening == []

    def test_that_is_forgotten_is_asked_for_by_no_question(self) -> None:
        shown = Client().get("/account/forgotten/").text.partition("<main")[2]

        asked = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', shown)) - {"csrfmiddlewaretoken"}
        assert len(asked) == 1


class TestACode:
    @pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, False), (0, True), (1, False)])
    def test_lives_for_thirty_seconds(self, steps: int, is_taken: bool) -> None:  # noqa: FBT001 - a column of the table
        secret = generate_totp_secret()
        TOTP.activate(with_password(PASSWORD), secret)
        with time_machine.travel(timezone.now(), tick=False):
            client = Client()
            client.post("/login/", {"login": "amir", "password": PASSWORD})
            code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
            client.post("/login/second-factor/", {"code": code})

            assert ("_auth_user_id" in client.session) is is_taken

    def test_comes_of_a_seed_of_160_bits_that_is_anew_each_time(self) -> None:
        seeds = set()
        for name in ("amir", "dana", "mei"):
            client = Client()
            client.force_login(with_password(PASSWORD, name))
            seeds |= set(re.findall(r"\b[A-Z2-7]{32}\b", client.get("/account/second-factor/app/").text))

        assert len(seeds) == 3


class TestAPasswordThatIsKept:
    def test_is_hashed_slowly_outside_the_tests(self) -> None:
        """Nobody who finds the table tries many: the hash takes a million rounds, with a salt of its own."""
        ask = (
            "import django; django.setup(); from django.contrib.auth.hashers import make_password as kept;"
            "print(kept('plum harbour lantern')); print(kept('plum harbour lantern'))"
        )
        outside = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"}
        ran = subprocess.run(
            [sys.executable, "-c", ask], env=outside, cwd=settings.BASE_DIR, capture_output=True, check=True, text=True
        )

        (kind, rounds, salt, _), (_, _, other, _) = (line.split("$") for line in ran.stdout.split())
        assert kind == "pbkdf2_sha256"
        assert int(rounds) >= 600_000
        assert salt != other
