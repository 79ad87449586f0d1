"""A session ends: without its person, after a day's work, when she signs out elsewhere, when she may not come in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.sessions import Session, SessionStore, sessions_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

LIST = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def amir() -> User:
    return settle("amir")


def browser_of(user: User) -> Client:
    client = Client(headers={"User-Agent": FIREFOX})
    client.force_login(user)
    return client


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=client.session.session_key)


def age(client: Client, *, seen: timedelta = timedelta(0), began: timedelta = timedelta(0)) -> None:
    now = timezone.now()
    Session.objects.filter(pk=client.cookies["sessionid"].value).update(seen_at=now - seen, began_at=now - began)


def is_in(client: Client) -> bool:
    return client.get(LIST).status_code == 200


class TestASession:
    """How long one lives."""

    @pytest.mark.parametrize(
        ("seen", "began", "lives"),
        [
            (timedelta(minutes=29), timedelta(hours=1), True),
            (timedelta(minutes=30), timedelta(hours=1), False),
            (timedelta(0), timedelta(hours=11, minutes=59), True),
            (timedelta(0), timedelta(hours=12), False),
        ],
    )
    def test_lives_half_an_hour_without_and_twelve_hours_with_its_person(
        self,
        amir: User,
        *,
        seen: timedelta,
        began: timedelta,
        lives: bool,
    ) -> None:
        client = browser_of(amir)
        age(client, seen=seen, began=began)

        assert is_in(client) is lives

    def test_ends_for_the_api_too(self, amir: User) -> None:
        client = browser_of(amir)
        age(client, seen=timedelta(minutes=31))

        assert client.get("/api/v1/refund-requests").status_code == 401

    def test_is_kept_alive_by_work_noted_once_a_minute(self, amir: User) -> None:
        client = browser_of(amir)
        age(client, seen=timedelta(minutes=20))
        before = timezone.now()
        assert is_in(client)
        assert row_of(client).seen_at >= before

        with CaptureQueriesContext(connection) as asked:
            assert is_in(client)
        assert not [one for one in asked if one["sql"].startswith("UPDATE")]

    def test_is_not_kept_alive_by_a_page_that_asks_by_itself(self, amir: User) -> None:
        client = browser_of(amir)
        age(client, seen=timedelta(minutes=20))
        seen = row_of(client).seen_at

        assert client.get("/live/poll/").status_code == 200
        assert row_of(client).seen_at == seen

    def test_keeps_its_age_under_a_new_name(self, amir: User) -> None:
        client = browser_of(amir)
        age(client, began=timedelta(hours=11))
        store = SessionStore(client.cookies["sessionid"].value)
        before = Session.objects.get(pk=store.session_key)
        assert store["_auth_user_id"] == str(amir.pk)
        store.cycle_key()
        store.save()

        after = Session.objects.get(pk=store.session_key)
        assert (after.began_at, after.public_id) == (before.began_at, before.public_id)
        assert after.pk != before.pk

    def test_begins_anew_with_another_person(self, amir: User) -> None:
        client = browser_of(amir)
        age(client, began=timedelta(hours=11))
        client.force_login(settle("sam"))

        assert timezone.now() - row_of(client).began_at < timedelta(minutes=1)

    def test_ends_with_the_next_request_of_somebody_who_may_not_come_in_any_more(self, amir: User) -> None:
        client = browser_of(amir)
        assert is_in(client)
        amir.is_active = False
        amir.save()

        assert not is_in(client)

    def test_ends_everywhere_else_with_a_new_password(self, amir: User) -> None:
        client = browser_of(amir)
        amir.set_password("another long secret")
        amir.save()

        assert not is_in(client)

    def test_is_deleted_in_the_night_after_it_ended(self, amir: User) -> None:
        gone, kept = browser_of(amir), browser_of(amir)
        age(gone, seen=timedelta(minutes=31))
        SessionStore.clear_expired()

        assert list(Session.objects.values_list("pk", flat=True)) == [kept.cookies["sessionid"].value]


class TestTheListOfSessions:
    """Where one is signed in."""

    def test_tells_this_one_from_others_and_names_no_key(self, amir: User) -> None:
        here, there = browser_of(amir), browser_of(amir)
        text = here.get(LIST).content.decode()

        assert text.count("This one") == 1
        assert str(row_of(there).public_id) in text
        assert row_of(here).pk not in text
        assert row_of(there).pk not in text

    def test_signs_out_one(self, amir: User) -> None:
        here, there, elsewhere = browser_of(amir), browser_of(amir), browser_of(amir)
        here.post(f"{LIST}{row_of(there).public_id}/end/")

        assert [is_in(one) for one in (here, there, elsewhere)] == [True, False, True]

    def test_signs_out_all_others(self, amir: User) -> None:
        here, there, elsewhere = browser_of(amir), browser_of(amir), browser_of(amir)
        here.post(f"{LIST}end-others/")

        assert [is_in(one) for one in (here, there, elsewhere)] == [True, False, False]

    def test_is_nobody_elses(self, amir: User) -> None:
        here, hers = browser_of(amir), browser_of(settle("sam"))
        answer = here.post(f"{LIST}{row_of(hers).public_id}/end/")

        assert answer.status_code == 404
        assert is_in(hers)
        here.post(f"{LIST}end-others/")
        assert is_in(hers)
        assert sessions_of(amir, at=timezone.now()).count() == 1


class TestItsKey:
    def test_is_random_and_long(self) -> None:
        names = SessionStore()._get_new_session_key  # type: ignore[attr-defined]  # its stubs leave it out
        keys = {names() for _ in range(300)}

        assert len(keys) == 300
        assert {len(key) for key in keys} == {32}
        # 36 letters and digits, each of which turns up: 165 bits.
        assert len(set("".join(keys))) == 36

    def test_is_not_one_that_somebody_planted(self, amir: User) -> None:
        client = Client()
        client.cookies["sessionid"] = "a" * 32
        amir.set_password("a long enough secret")
        amir.save()
        client.post("/login/", {"login": "amir", "password": "a long enough secret"})

        assert is_in(client)
        assert client.cookies["sessionid"].value != "a" * 32
        assert not Session.objects.filter(pk="a" * 32).exists()

    def test_comes_in_a_cookie_that_other_sites_cannot_send(self, amir: User) -> None:
        client = Client()
        amir.set_password("a long enough secret")
        amir.save()
        client.get("/login/")
        client.post("/login/", {"login": "amir", "password": "a long enough secret"})

        assert {name: cookie["samesite"] for name, cookie in client.cookies.items() if name != "language"} == {
            "sessionid": "Lax",
            "csrftoken": "Lax",
        }
        assert client.cookies["sessionid"]["httponly"]

    def test_ends_from_the_menu_of_every_page(self, amir: User) -> None:
        amir.is_staff = True
        amir.save()
        client = browser_of(amir)
        for path in ("/", "/requests/", "/settings/", "/account/sessions/", "/admin/"):
            page = client.get(path).text
            assert re.search(r'<form[^>]* method="post" action="(/admin)?/logout/">.*?<button', page, re.DOTALL), path
        client.post("/logout/")

        assert not is_in(client)
