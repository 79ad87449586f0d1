"""Two at the door in the same instant: setting an empty portal up, and using one mailed link."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client

from approvals.roles import write_roles
from config.kernel.outbox import OutboxRow
from config.kernel.people import User
from evidence.models import LedgerEntry
from tests.accounts.test_first_run import ADDRESS, form
from tests.accounts.test_passwords import OLD, path_of
from tests.harness.people import fresh, settle
from tests.harness.races import in_the_same_instant, losers

pytestmark = pytest.mark.django_db(transaction=True)


class TestTheFirstRun:
    @pytest.mark.parametrize("second", ["ines", "eve"])
    def test_of_two_who_hold_the_code_makes_two_people_and_not_four(self, second: str) -> None:
        write_roles()
        sent = (form(), form(username=second, second_username="mallory", second_email="mallory@example.com"))

        def send(typed: dict[str, str]) -> Any:
            return Client().post(ADDRESS, typed)

        answers: list[Any] = in_the_same_instant(*(partial(send, typed) for typed in sent))

        assert losers(answers) == []
        assert {answer.status_code for answer in answers} <= {302, 404}
        names = set(User.objects.values_list("username", flat=True))
        assert names in ({"ines", "otto"}, {second, "mallory"})
        assert OutboxRow.objects.filter(news="account.link_wanted").count() == 1
        assert LedgerEntry.objects.filter(kind="person.first").count() == 2
        assert Client().post(ADDRESS, form(username="late", second_username="later")).status_code == 404


class TestAMailedLink:
    def test_used_by_two_sets_one_password(self) -> None:
        amir = settle("amir")
        amir.email = "amir@example.com"
        amir.set_password(OLD)
        amir.save()
        path, words = path_of(amir), ("plum harbour lantern", "the attackers own secret")
        opened = [(client, client.get(path, follow=True).request["PATH_INFO"]) for client in (Client(), Client())]

        def send(client: Client, address: str, word: str) -> Any:
            return client.post(address, {"new_password1": word, "new_password2": word})

        answers: list[Any] = in_the_same_instant(
            *(partial(send, client, address, word) for (client, address), word in zip(opened, words, strict=True))
        )

        assert losers(answers) == []
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        won = next(word for word, answer in zip(words, answers, strict=True) if answer.status_code == 302)
        lost = next(answer for answer in answers if answer.status_code == 200)
        assert fresh(amir).check_password(won)
        assert "This link is used up" in lost.content.decode()
        assert LedgerEntry.objects.filter(kind="person.means_changed").count() == 1
