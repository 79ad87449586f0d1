"""Attacks at the door: a session somebody else knows, and a mailed link used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.sessions import Session
from tests.accounts.test_passwords import NEW, OLD, path_of, set_new
from tests.harness.people import fresh, settle
from tests.harness.sign_in import make_stale

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

COOKIE = "sessionid"


@pytest.fixture
def amir() -> User:
    user = settle("amir")
    user.email = "amir@example.com"
    user.set_password(OLD)
    user.save()
    return user


def sign_in(client: Client, word: str = OLD, **changes: str) -> None:
    client.post("/login/", {"login": "amir", "password": word, **changes})


def is_in(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


def with_key(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client


class TestASessionSomebodyElseKnows:
    """Session fixation: the attacker knows the key before its victim signs in."""

    @pytest.mark.parametrize("key", ["a" * 32, "z" * 200, "0", "../../etc/passwd"])
    def test_made_up_is_never_taken_over(self, amir: User, key: str) -> None:
        victim, attacker = with_key(key), with_key(key)
        sign_in(victim)

        assert is_in(victim)
        assert victim.cookies[COOKIE].value != key
        assert not is_in(attacker)
        assert not Session.objects.filter(pk=key[:40]).exists()

    @pytest.mark.parametrize("address", ["/queue/", "/login/", "/api/v1/approvals", "/nowhere/"])
    def test_that_no_column_can_hold_is_looked_for_nowhere(self, amir: User, address: str) -> None:
        """A quoted cookie may write any byte: this is a NUL."""
        answer = Client().get(address, headers={"Cookie": f'{COOKIE}="\\000abcdefghij"'})

        assert answer.status_code in {200, 302, 401, 404}

    def test_begun_by_the_portal_gets_another_key(self, amir: User) -> None:
        attacker = Client()
        session = attacker.session
        session["planted"] = "yes"
        session.save()
        key = str(session.session_key)
        victim = with_key(key)
        sign_in(victim)

        assert is_in(victim)
        assert victim.cookies[COOKIE].value != key
        assert not is_in(with_key(key))
        assert not Session.objects.filter(pk=key).exists()

    def test_of_the_attacker_herself_is_left_behind(self, amir: User) -> None:
        attacker = Client()
        attacker.force_login(settle("sam"))
        session = attacker.session
        session["planted"] = "yes"
        session.save()
        key = attacker.cookies[COOKIE].value
        victim = with_key(key)
        victim.force_login(amir)

        assert victim.cookies[COOKIE].value != key
        assert "planted" not in victim.session
        assert not is_in(with_key(key))

    def test_is_dead_once_its_person_showed_more(self, amir: User) -> None:
        victim = Client()
        sign_in(victim)
        make_stale(victim)
        stolen = victim.cookies[COOKIE].value
        victim.post("/step-up/", {"next": "/", "password": OLD})

        assert is_in(victim)
        assert victim.cookies[COOKIE].value != stolen
        assert not is_in(with_key(stolen))

    def test_is_dead_once_she_signed_out(self, amir: User) -> None:
        victim = Client()
        sign_in(victim)
        stolen = victim.cookies[COOKIE].value
        victim.post("/logout/")

        assert not is_in(with_key(stolen))

    def test_is_not_taken_from_an_address(self, amir: User) -> None:
        victim = Client()
        sign_in(victim)
        key = victim.cookies[COOKIE].value

        assert Client().get("/account/sessions/", {COOKIE: key}).status_code == 302
        assert Client(headers={"X-Session": key}).get("/account/sessions/").status_code == 302


class TestAMailedLink:
    """Somebody reads the mailbox later, or at the same time."""

    def test_used_again_sets_nothing(self, amir: User) -> None:
        path = path_of(amir)
        set_new(path)
        again = set_new(path, "the attackers own secret")

        assert "This link is used up" in again.content.decode()
        assert fresh(amir).check_password(NEW)

    def test_opened_before_and_sent_after_it_was_used_sets_nothing(self, amir: User) -> None:
        path = path_of(amir)
        attacker = Client()
        form = attacker.get(path, follow=True).request["PATH_INFO"]
        set_new(path)
        word = "the attackers own secret"
        late = attacker.post(form, {"new_password1": word, "new_password2": word})

        assert "This link is used up" in late.content.decode()
        assert fresh(amir).check_password(NEW)

    def test_is_void_after_the_password_was_changed_elsewhere(self, amir: User) -> None:
        path = path_of(amir)
        inside = Client()
        inside.force_login(amir)
        inside.post("/account/password/", {"old_password": OLD, "new_password1": NEW, "new_password2": NEW})
        late = set_new(path, "the attackers own secret")

        assert "This link is used up" in late.content.decode()
        assert fresh(amir).check_password(NEW)

    def test_is_void_after_its_person_signed_in(self, amir: User) -> None:
        path = path_of(amir)
        sign_in(Client())

        assert "This link is used up" in Client().get(path).content.decode()

    def test_is_void_once_another_one_was_used(self, amir: User) -> None:
        first, second = path_of(amir), path_of(amir)
        set_new(second)

        assert "This link is used up" in Client().get(first).content.decode()

    def test_of_one_person_opens_nothing_of_another(self, amir: User) -> None:
        sam = settle("sam")
        head, whose, token, _ = path_of(amir).rsplit("/", 3)
        crossed = "/".join([head, path_of(sam).rsplit("/", 3)[1], token, ""])

        assert whose in path_of(amir)
        assert "This link is used up" in Client().get(crossed).content.decode()
