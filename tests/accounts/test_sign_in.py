"""Coming in: few tries, two things for whoever decides, and nothing about who exists."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from approvals.roles import DECIDING_ROLES
from approvals.services.roles import subject_of
from config.kernel.lockout import WrongTry
from config.kernel.pace import Pace
from evidence.ledger import timeline_of
from tests.harness.people import STORIES, settle
from tests.harness.sign_in import make_stale

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough secret"
LOCKED = "5 wrong tries in 15 minutes"


@pytest.fixture
def dana() -> User:
    """An approver with a password."""
    return with_password("dana")


@pytest.fixture
def wanted(settings: Settings) -> None:
    """Want second factors, as outside the demo."""
    settings.SECOND_FACTOR_WANTED = True


def with_password(name: str) -> User:
    user = settle(name)
    user.set_password(PASSWORD)
    user.save()
    return user


def try_password(client: Client, name: str, password: str = PASSWORD) -> Any:
    return client.post("/login/", {"login": name, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def app_of(user: User) -> str:
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
    return code


class TestTheDoor:
    """Name and password."""

    def test_opens_and_says_nothing_about_who_exists(self, dana: User) -> None:
        unknown, wrong = try_password(Client(), "nobody at all"), try_password(Client(), "dana", "guess")
        right = Client()
        try_password(right, "dana")

        said = [answer.content.decode().split("</h1>")[1].split("<form")[0] for answer in (unknown, wrong)]
        assert said[0] == said[1]
        assert is_in(right)

    @pytest.mark.parametrize("name", ["dana", "DANA", "somebody unknown"])
    def test_is_shut_after_five_wrong_tries_even_to_the_right_password(self, dana: User, name: str) -> None:
        client = Client()
        for _ in range(5):
            assert LOCKED not in try_password(client, name, "guess").content.decode()
        assert LOCKED in try_password(client, name).content.decode()
        assert not is_in(client)

        WrongTry.objects.update(tried_at=timezone.now() - timedelta(minutes=16))
        try_password(client, "dana")
        assert is_in(client)

    def test_forgets_wrong_tries_after_the_right_password(self, dana: User) -> None:
        for _ in range(3):
            for _ in range(4):
                try_password(Client(), "dana", "guess")
            client = Client()
            try_password(client, "dana")
            assert is_in(client)

    def test_counts_together_with_showing_once_more_who_one_is(self, dana: User) -> None:
        inside = Client()
        inside.force_login(dana)
        for _ in range(5):
            inside.post("/step-up/", {"next": "/", "password": "guess"})

        assert LOCKED in try_password(Client(), "dana").content.decode()

    def test_lets_one_address_try_a_hundred_names(self, dana: User) -> None:
        try_password(Client(), "somebody")
        Pace.objects.update(count=100)

        assert "Too many tries from your network" in try_password(Client(), "dana").content.decode()

    def test_is_shut_to_whoever_may_not_come_in(self, dana: User) -> None:
        dana.is_active = False
        dana.save()
        client = Client()
        try_password(client, "dana")

        assert not is_in(client)

    def test_leads_only_to_this_portal(self, dana: User) -> None:
        answer = Client().post("/login/", {"login": "dana", "password": PASSWORD, "next": "https://evil.example/"})

        assert answer.headers["Location"] == "/"

    def test_makes_no_accounts(self) -> None:
        assert [Client().get(path).status_code for path in ("/signup/", "/account/signup/", "/accounts/signup/")] == [
            404,
            404,
            404,
        ]


class TestTheSecondStep:
    """A code beside the password."""

    def test_is_asked_of_whoever_has_an_app(self, dana: User) -> None:
        secret = app_of(dana)
        client = Client()
        answer = try_password(client, "dana")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/login/second-factor/")
        assert not is_in(client)

        client.post("/login/second-factor/", {"code": code_of(secret)})
        assert is_in(client)

    def test_takes_a_code_once(self, dana: User) -> None:
        code = code_of(app_of(dana))
        for expected in (True, False):
            client = Client()
            try_password(client, "dana")
            client.post("/login/second-factor/", {"code": code})
            assert is_in(client) is expected

    def test_takes_a_code_once_however_much_is_remembered_beside_it(self, dana: User) -> None:
        code = code_of(app_of(dana))
        first, second = Client(), Client()
        try_password(first, "dana")
        first.post("/login/second-factor/", {"code": code})
        assert is_in(first)
        for number in range(350):
            cache.set(f"other-{number}", "y", timeout=60)
        try_password(second, "dana")
        second.post("/login/second-factor/", {"code": code})

        assert not is_in(second)

    def test_is_shut_after_five_wrong_codes(self, dana: User) -> None:
        secret = app_of(dana)
        client = Client()
        try_password(client, "dana")
        for _ in range(5):
            client.post("/login/second-factor/", {"code": "000000"})
        answer = client.post("/login/second-factor/", {"code": code_of(secret)})

        assert LOCKED in answer.content.decode()
        assert not is_in(client)

    def test_takes_a_recovery_code_once(self, dana: User) -> None:
        app_of(dana)
        code = RecoveryCodes.activate(dana).get_unused_codes()[0]
        for expected in (True, False):
            client = Client()
            try_password(client, "dana")
            client.post("/login/second-factor/", {"code": code})
            assert is_in(client) is expected

    def test_keeps_its_secrets_sealed(self, dana: User) -> None:
        secret = app_of(dana)

        assert secret not in str(Authenticator.objects.get().data)

    def test_shows_once_more_who_one_is(self, dana: User) -> None:
        secret = app_of(dana)
        client = Client()
        client.force_login(dana)
        page = client.get("/step-up/?next=/queue/").content.decode()
        assert 'name="code"' in page
        assert 'name="password"' not in page

        assert client.post("/step-up/", {"next": "/queue/", "password": PASSWORD}).status_code == 403
        answer = client.post("/step-up/", {"next": "/queue/", "code": code_of(secret)})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/queue/")


@pytest.mark.usefixtures("wanted")
class TestDecidingRoles:
    """Two things for whoever decides."""

    def test_open_nothing_before_a_second_factor_is_set_up(self, dana: User) -> None:
        client = Client()
        try_password(client, "dana")

        led = client.get("/queue/")
        assert (led.status_code, led.headers["Location"]) == (302, "/account/second-factor/")
        assert "sign in with two things" in client.get("/account/second-factor/").content.decode()
        assert client.post("/queue/claim/").status_code == 403
        assert client.get("/queue/", headers={"HX-Request": "true"}).status_code == 403
        heard = client.get("/api/v1/refund-requests")
        assert (heard.status_code, heard.json()["code"]) == (403, "second_factor_required")
        assert client.get("/admin/").status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_open_everything_afterwards(self, dana: User) -> None:
        client = Client()
        try_password(client, "dana")
        page = client.get("/account/second-factor/app/").content.decode()
        secret = client.session["mfa.totp.secret"]
        assert secret in page
        assert "<svg" in page
        answer = client.post("/account/second-factor/app/", {"code": code_of(secret)})

        assert answer.headers["Location"] == "/account/second-factor/codes/"
        assert "Keep these now" in client.get("/account/second-factor/codes/").content.decode()
        assert "Keep these now" not in client.get("/account/second-factor/codes/").content.decode()
        assert client.get("/queue/").status_code == 200
        assert [entry.kind for entry in timeline_of(subject_of(dana))] == ["person.means_changed"]

    @pytest.mark.parametrize("name", sorted(STORIES))
    def test_are_those_that_decide(self, name: str) -> None:
        user = with_password(name)
        client = Client()
        client.force_login(user)
        story = STORIES[name]
        is_wanted = not story.is_service_account and (story.is_superuser or bool(set(story.roles) & DECIDING_ROLES))

        assert (client.get("/settings/").headers.get("Location") == "/account/second-factor/") is is_wanted

    def test_want_a_fresh_sign_in_to_change_it(self, dana: User) -> None:
        app_of(dana)
        client = Client()
        client.force_login(dana)
        make_stale(client)
        answer = client.post("/account/second-factor/app/remove/")

        assert answer.headers["Location"].startswith("/step-up/?next=")
        assert Authenticator.objects.filter(user=dana).exists()


class TestOutsideTheDemo:
    def test_everybody_who_decides_needs_two_things(self) -> None:
        """The demo's people have no passwords; nothing but the demo switches it off."""
        assert configured.SECOND_FACTOR_WANTED is not configured.DEMO
        assert {"approver", "reviewer", "finance", "administrator"} <= DECIDING_ROLES
