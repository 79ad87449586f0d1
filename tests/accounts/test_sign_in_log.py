"""Who came in and who tried to: kept, bounded, shown to whoever looks after it, and forgotten in time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from config.kernel import sign_in_log
from config.kernel.sessions import Session, SessionStore
from config.kernel.sign_in_log import Happening, SignInEvent, forget_events, hash_of_name, note_event
from config.watch.gauges import read_all
from evidence.models import LedgerEntry
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough secret"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def dana() -> User:
    """An approver with a password."""
    user = settle("dana")
    user.set_password(PASSWORD)
    user.save()
    return user


def try_password(name: str, password: str = PASSWORD, *, address: str = "198.51.100.7") -> Client:
    client = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR=address)
    client.post("/login/", {"login": name, "password": password})
    return client


def happened() -> list[tuple[str, str, int]]:
    return list(SignInEvent.objects.order_by("pk").values_list("happening", "means", "count"))


class TestTheRecord:
    """What happens at the door."""

    def test_tells_who_came_in_with_what_and_from_where(self, dana: User) -> None:
        try_password("dana").post("/logout/")

        first, second = SignInEvent.objects.order_by("pk")
        assert (first.happening, first.user, first.means) == (Happening.SIGNED_IN, dana, "password")
        assert (first.address, first.device) == ("198.51.100.7", "Firefox on Windows")
        assert (second.happening, second.user, second.means) == (Happening.SIGNED_OUT, dana, "password")

    def test_counts_wrong_tries_and_tells_when_the_door_was_shut(self, dana: User) -> None:
        for _ in range(7):
            try_password("dana", "guess")

        assert happened() == [("wrong", "password", 5), ("shut", "password", 2)]
        assert set(SignInEvent.objects.values_list("user", flat=True)) == {dana.pk}

    def test_keeps_a_name_that_nobody_has_as_a_hash(self, dana: User) -> None:
        try_password("my secret password", "dana")
        event = SignInEvent.objects.get()

        assert (event.user, event.called) == (None, hash_of_name("My Secret Password"))
        assert "secret" not in str(SignInEvent.objects.values().get())

    def test_tells_of_a_wrong_code(self, dana: User) -> None:
        TOTP.activate(dana, generate_totp_secret())
        client = try_password("dana")
        client.post("/login/second-factor/", {"code": "000000"})

        assert happened() == [("wrong", "code", 1)]

    def test_tells_of_showing_once_more_who_one_is(self, dana: User) -> None:
        client = Client()
        client.force_login(dana)
        client.post("/step-up/", {"next": "/", "password": "guess"})
        client.post("/step-up/", {"next": "/", "password": PASSWORD})

        assert happened() == [("wrong", "password", 1), ("confirmed", "password", 1)]

    def test_tells_of_a_wrong_old_password(self, dana: User) -> None:
        client = Client()
        client.force_login(dana)
        client.post("/account/password/", {"old_password": "guess"})

        assert happened() == [("wrong", "password", 1)]

    @pytest.mark.parametrize(
        "credential",
        ["[]", "7", '"x"', '{"id": "x"}', '{"id": 1, "rawId": []}', '{"response": 3}', json.dumps({"id": "a" * 5000})],
    )
    def test_tells_of_a_passkey_that_is_none(self, dana: User, credential: str) -> None:
        answer = Client().post("/login/passkey/", {"credential": credential})

        assert answer.status_code == 302
        assert happened() in ([("wrong", "passkey", 1)], [])
        inside = Client()
        inside.force_login(dana)
        assert inside.post("/step-up/", {"next": "/", "credential": credential}).status_code == 403

    def test_tells_of_sessions_that_ended_by_a_hand_and_by_themselves(self, dana: User) -> None:
        here, there = try_password("dana"), try_password("dana")
        here.post("/account/sessions/end-others/")
        Session.objects.filter(pk=here.cookies["sessionid"].value).update(seen_at=timezone.now() - timedelta(hours=1))
        SessionStore.clear_expired()

        assert happened()[2:] == [("ended", "by herself, elsewhere", 1), ("ended", "by itself", 1)]
        assert there.get("/account/sessions/").status_code == 302

    def test_leaves_the_ledger_alone(self, dana: User) -> None:
        before = LedgerEntry.objects.count()
        for _ in range(7):
            try_password("dana", "guess")

        assert LedgerEntry.objects.count() == before


class TestManyFailures:
    def test_of_strangers_make_counts_grow_and_not_the_table(self, dana: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sign_in_log, "MOST_NEW_OF_STRANGERS", 3)
        for number in range(10):
            try_password(f"name {number}", "guess", address=f"198.51.100.{number}")

        assert SignInEvent.objects.count() == 4
        assert sum(count for _, _, count in happened()) == 10

    def test_of_strangers_hide_nothing_of_somebody_known(self, dana: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sign_in_log, "MOST_NEW_OF_STRANGERS", 1)
        for number in range(5):
            try_password(f"name {number}", "guess")
        try_password("dana", "guess")

        assert SignInEvent.objects.get(user=dana).address == "198.51.100.7"

    def test_of_one_person_from_everywhere_make_counts_grow_too(
        self, dana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sign_in_log, "MOST_NEW_OF_ONE_PERSON", 3)
        for number in range(20):
            try_password("dana", "guess", address=f"198.51.100.{number}")

        assert SignInEvent.objects.count() <= 5
        assert sum(count for _, _, count in happened()) == 20

    def test_are_an_alarm(self) -> None:
        def above() -> set[str]:
            read = read_all(at=timezone.now())
            return {one.gauge.name for one in read if one.gauge.name in {"doors_shut", "tries_failed"} and one.is_above}

        now = timezone.now()
        assert above() == set()
        for number in range(6):
            note_event(Happening.SHUT, means="password", at=now, name=f"name {number}")
        assert above() == {"doors_shut"}
        SignInEvent.objects.filter(called=hash_of_name("name 1")).update(count=200)
        assert above() == {"doors_shut", "tries_failed"}


class TestThePage:
    def shown(self, who: str, query: str = "") -> Any:
        client = Client()
        client.force_login(settle(who))
        return client.get(f"/sign-ins/{query}")

    @pytest.mark.parametrize(("who", "status"), [("ada", 200), ("root", 200), ("dana", 403), ("lena", 403)])
    def test_is_for_auditors_and_administrators(self, who: str, status: int) -> None:
        assert self.shown(who).status_code == status

    def test_finds_by_kind_and_by_name(self, dana: User) -> None:
        try_password("dana")
        try_password("nobody at all", "guess")

        everything = self.shown("ada").content.decode()
        assert "198.51.100.7" in everything
        assert "A name that nobody has" in everything
        assert "A name that nobody has" not in self.shown("ada", "?happening=signed_in").content.decode()
        by_name = self.shown("ada", "?name=Nobody+AT+all").content.decode()
        assert "A name that nobody has" in by_name
        assert str(dana) not in by_name.split("<tbody>")[1].split("</tbody>")[0]

    def test_goes_back_page_by_page(self, dana: User) -> None:
        now = timezone.now()
        for number in range(60):
            note_event(Happening.SIGNED_IN, means=f"way {number}", at=now, user=dana)
        first = self.shown("ada").content.decode()
        older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

        assert "way 59" in first
        assert "way 0<" not in first
        assert "way 0<" in self.shown("ada", older).content.decode()

    @pytest.mark.parametrize("query", ["?before=x", "?before=-1", f"?before={'9' * 30}", "?name=%00", "?happening=%27"])
    def test_answers_odd_words(self, query: str) -> None:
        assert self.shown("ada", query).status_code in {200, 422}

    def test_is_shown_to_oneself_of_oneself(self, dana: User) -> None:
        try_password("dana", "guess")
        client = try_password("dana")
        try_password("sam", "guess", address="203.0.113.9")
        text = client.get("/account/sessions/").content.decode()

        assert "Wrong try" in text
        assert "203.0.113.9" not in text


class TestForgetting:
    def test_comes_when_it_was_kept_long_enough(self, dana: User, settings: Settings) -> None:
        settings.SIGN_IN_KEEP_DAYS = 30
        now = timezone.now()
        note_event(Happening.SIGNED_IN, means="password", at=now - timedelta(days=31), user=dana)
        note_event(Happening.SIGNED_IN, means="password", at=now - timedelta(days=29), user=dana)
        forget_events(at=now)

        assert [event.at for event in SignInEvent.objects.all()] == [now - timedelta(days=29)]


class TestSigningOut:
    @pytest.mark.parametrize("path", ["/logout/", "/admin/logout/"])
    def test_leaves_nothing_in_the_browser(self, dana: User, path: str) -> None:
        dana.is_staff = True
        dana.save()
        client = try_password("dana")
        answer = client.post(path)

        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert client.get("/account/sessions/").status_code == 302
        assert SignInEvent.objects.filter(happening=Happening.SIGNED_OUT, user=dana).count() == 1


class TestTheAddress:
    """Where somebody comes from, which bounds tries."""

    @pytest.mark.parametrize(
        ("count", "told", "expected"),
        [
            (0, "203.0.113.1", "198.51.100.7"),
            (1, "", "198.51.100.7"),
            (1, "203.0.113.1", "203.0.113.1"),
            (1, "1.1.1.1, 203.0.113.1", "203.0.113.1"),
            (1, "203.0.113.1:4711", "203.0.113.1"),
            (1, "[2001:db8::1]:4711", "2001:db8::1"),
            (1, "a lie", "198.51.100.7"),
            (1, "[", "198.51.100.7"),
            (2, "203.0.113.1", "198.51.100.7"),
            (2, "203.0.113.1, 10.0.0.1", "203.0.113.1"),
        ],
    )
    def test_is_believed_of_our_own_proxies_alone(
        self, dana: User, settings: Settings, count: int, told: str, expected: str
    ) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
        client = Client(headers={"X-Forwarded-For": told} if told else {}, REMOTE_ADDR="198.51.100.7")
        answer = client.post("/login/", {"login": "nobody", "password": "guess"})

        assert answer.status_code == 200
        assert SignInEvent.objects.get().address == expected

    def test_counts_with_all_its_neighbours_of_ipv6(self, dana: User) -> None:
        for number in range(101):
            last = Client(REMOTE_ADDR=f"2001:db8::{number:x}").post(
                "/login/", {"login": f"name {number}", "password": "guess"}
            )

        assert "Too many tries from your network" in last.content.decode()
        assert "Too many" not in Client(REMOTE_ADDR="2001:db8:0:1::1").post("/login/", {"login": "x"}).content.decode()
