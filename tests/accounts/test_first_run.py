"""An empty portal: the first two administrators, by whoever holds the server's code, once."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from approvals.roles import write_roles
from approvals.services.roles import subject_of
from config.kernel.first_run import first_run_code
from config.kernel.outbox import OutboxRow
from config.kernel.people import User
from evidence.ledger import timeline_of
from tests.harness.people import settle

pytestmark = pytest.mark.django_db

ADDRESS = "/account/welcome/"
PASSWORD = "plum harbour lantern"


@pytest.fixture(autouse=True)
def roles() -> None:
    """The roles are written before anybody comes."""
    write_roles()


def form(**changes: str) -> dict[str, str]:
    return {
        "code": first_run_code(),
        "username": "ines",
        "first_name": "Ines",
        "last_name": "Arndt",
        "email": "ines@example.com",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "second_username": "otto",
        "second_first_name": "Otto",
        "second_last_name": "Berg",
        "second_email": "otto@example.com",
        **changes,
    }


def send(**changes: str) -> Any:
    return Client().post(ADDRESS, form(**changes))


class TestTheFirstRun:
    def test_makes_two_administrators_and_mails_the_second_a_link(self) -> None:
        answer = send()

        assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
        ines, otto = User.objects.order_by("username")
        assert [one.role_names for one in (ines, otto)] == [{"administrator"}] * 2
        assert ines.check_password(PASSWORD)
        assert not otto.has_usable_password()
        assert OutboxRow.objects.get(news="account.link_wanted").ids == {"user_id": str(otto.pk), "why": "invited"}
        assert [timeline_of(subject_of(one)).get().kind for one in (ines, otto)] == ["person.first"] * 2

    def test_lets_the_first_one_in(self) -> None:
        send()
        client = Client()
        client.post("/login/", {"login": "ines", "password": PASSWORD})

        assert client.get("/admin/").status_code == 200

    def test_is_where_everybody_is_led_while_nobody_is_there(self) -> None:
        assert Client().get("/login/").headers["Location"] == ADDRESS
        assert Client().get(ADDRESS).status_code == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"code": "0000-0000-0000-0000"},
            {"code": ""},
            {"second_username": "INES"},
            {"second_email": "Ines@example.com"},
            {"password2": "something else"},
            {"password1": "short", "password2": "short"},
            {"password1": "ines arndt 12", "password2": "ines arndt 12", "username": "ines arndt"},
            {"email": "no mail address"},
        ],
    )
    def test_makes_nobody_from_what_is_wrong(self, changes: dict[str, str]) -> None:
        assert send(**changes).status_code == 422
        assert not User.objects.exists()

    def test_counts_wrong_codes(self) -> None:
        for _ in range(5):
            send(code="guess")

        assert "5 wrong tries" in send().content.decode()
        assert not User.objects.exists()

    def test_is_gone_afterwards(self) -> None:
        send()

        assert Client().get(ADDRESS).status_code == 404
        assert send(username="eve", second_username="mallory").status_code == 404
        assert User.objects.count() == 2

    def test_is_gone_when_somebody_was_there_before(self) -> None:
        settle("amir")

        assert send().status_code == 404

    def test_has_its_code_from_the_server_alone(self) -> None:
        out = StringIO()
        call_command("first_run_code", stdout=out)
        assert first_run_code() in out.getvalue()
        assert first_run_code() not in Client().get(ADDRESS).content.decode()
        settle("amir")
        out = StringIO()
        call_command("first_run_code", stdout=out)
        assert first_run_code() not in out.getvalue()
