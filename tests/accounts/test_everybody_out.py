"""An administrator ends all sessions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from approvals.services.roles import subject_of
from config.kernel.sessions import Session
from config.kernel.sign_in_log import SignInEvent
from evidence.ledger import timeline_of
from tests.harness.people import settle
from tests.harness.sign_in import make_stale

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

ADDRESS = "/sign-ins/everybody-out/"
WHY = "A laptop with open sessions was stolen."


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


class TestSigningEverybodyOut:
    def test_ends_all_but_this_one_on_record(self) -> None:
        root = settle("root")
        here, also_hers, amir, dana = (browser_of(one) for one in (root, root, settle("amir"), settle("dana")))
        answer = here.post(ADDRESS, {"why": WHY}, follow=True)

        assert "3 sessions were ended." in answer.text
        assert [is_in(one) for one in (here, also_hers, amir, dana)] == [True, False, False, False]
        entry = timeline_of(subject_of(root)).get()
        assert (entry.kind, entry.actor) == ("person.signed_everybody_out", root)
        assert entry.sentence == f"signed everybody out, 3 sessions. Why: {WHY}"
        assert SignInEvent.objects.filter(happening="ended", means="by an administrator").exists()

    def test_ends_her_own_when_she_says_so(self) -> None:
        here, amir = browser_of(settle("root")), browser_of(settle("amir"))
        answer = here.post(ADDRESS, {"why": WHY, "me_too": "on"})

        assert answer.status_code == 302
        assert [is_in(one) for one in (here, amir)] == [False, False]

    def test_ends_that_of_somebody_who_is_only_half_in(self) -> None:
        half = Client()
        session = half.session
        session["account_login"] = {"pending": True}
        session.save()
        browser_of(settle("root")).post(ADDRESS, {"why": WHY})

        assert not Session.objects.filter(pk=session.session_key).exists()

    @pytest.mark.parametrize("words", ["", "short", "Paid with 4242 4242 4242 4242."])
    def test_wants_a_reason_that_can_be_kept(self, words: str) -> None:
        here, amir = browser_of(settle("root")), browser_of(settle("amir"))
        answer = here.post(ADDRESS, {"why": words})

        assert answer.status_code == 422
        assert is_in(amir)
        assert not timeline_of(subject_of(settle("root"))).exists()

    @pytest.mark.parametrize("who", ["ada", "dana", "lena", "bot"])
    def test_is_for_administrators(self, who: str) -> None:
        amir = browser_of(settle("amir"))
        assert browser_of(settle(who)).post(ADDRESS, {"why": WHY}).status_code == 403

        assert is_in(amir)

    def test_is_offered_to_those_who_may(self) -> None:
        assert ADDRESS in browser_of(settle("root")).get("/sign-ins/").text
        assert ADDRESS not in browser_of(settle("ada")).get("/sign-ins/").text

    def test_asks_once_more_who_she_is(self) -> None:
        here, amir = browser_of(settle("root")), browser_of(settle("amir"))
        make_stale(here)

        assert here.post(ADDRESS, {"why": WHY}).status_code == 403
        assert is_in(amir)
