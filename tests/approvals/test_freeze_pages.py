"""The page of freezes, the banner above every page, and the form that says so before the click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from approvals.models import FreezeStop, FreezeSwitch
from approvals.services.freezes import Target, set_freeze
from refunds.freezes import note_held_back
from refunds.models import Operation
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

WHY = "A wave of odd refunds; we look first."
HTMX = {"HX-Request": "true"}


def as_(username: str) -> Client:
    client = Client()
    client.force_login(settle(username))
    return client


def read(username: str, address: str, **headers: str) -> str:
    return as_(username).get(address, headers=headers).content.decode()


class TestThePage:
    def test_sets_and_lifts_with_words(self, world: World) -> None:
        lena = as_("lena")
        set_one = {"scope": "team", "team": world.team().pk, "category": "payout", "why": WHY}
        assert lena.post("/freezes/", set_one).status_code == 302
        switch = FreezeSwitch.objects.get()
        assert (switch.scope, switch.team, switch.category) == ("team", world.team(), "")

        assert "The team uk-retail is frozen" in read("lena", "/freezes/")
        address = f"/freezes/{switch.pk}/lift/"
        short = lena.post(address, {"why": "ok"})
        assert short.status_code == 422
        assert short.content.decode().count("at least 10 characters") == 2  # in the summary and at the field
        assert lena.post(address, {"why": "It was a promotion after all."}).status_code == 302
        html = read("lena", "/freezes/")
        assert "Nothing is frozen" in html
        assert "It was a promotion after all." in html

    def test_keeps_what_was_typed_when_it_refuses(self, world: World) -> None:
        answer = as_("root").post("/freezes/", {"scope": "agent", "why": WHY})
        assert answer.status_code == 422
        assert "Name the agent to freeze." in answer.content.decode()
        assert WHY in answer.content.decode()
        assert not FreezeSwitch.objects.exists()

    def test_says_that_it_is_frozen_already(self, world: World, lena: User) -> None:
        set_freeze(target=Target(scope="everything"), why=WHY, actor=lena, at=NOON)
        answer = as_("root").post("/freezes/", {"scope": "everything", "why": WHY})
        assert answer.status_code == 422
        assert "was frozen already, by Lena" in answer.content.decode()

    def test_counts_what_is_held_back_and_leads_there(self, world: World, amir: User, dana: User, lena: User) -> None:
        approved = world.approved(by=amir, approver=dana)
        set_freeze(target=Target(scope="everything"), why=WHY, actor=lena, at=NOON)
        note_held_back(at=NOON)

        html = read("ada", "/freezes/")
        assert "1 approved, held back from the gateway" in html
        assert "£100.00" in html
        assert f'href="{approved.get_absolute_url()}"' in html
        assert Operation.objects.get().first_sent_at is None
        assert "Freeze something" not in html
        assert "Lift this freeze" not in html

    def test_shows_no_way_to_lift_a_freeze_of_oneself(self, world: World, lena: User, root: User) -> None:
        set_freeze(target=Target(scope="agent", agent=lena), why=WHY, actor=root, at=NOON)
        assert "Somebody else must lift this." in read("lena", "/freezes/")
        assert "Lift this freeze" in read("root", "/freezes/")

    def test_escapes_the_reason(self, world: World, lena: User) -> None:
        set_freeze(target=Target(scope="everything"), why="<script>alert(1)</script>", actor=lena, at=NOON)
        assert "<script>alert" not in read("lena", "/freezes/") + read("amir", "/requests/")


class TestTheBanner:
    def test_stands_above_every_page_of_whoever_is_stopped(self, world: World, lena: User) -> None:
        set_freeze(target=Target(scope="team", team=world.team()), why=WHY, actor=lena, at=NOON)
        for username in ("amir", "dana", "ada"):
            html = read(username, "/requests/")
            assert "The team uk-retail is frozen by Lena since 12:00 UTC on 20 November 2026" in html
        assert "uk-retail is frozen" not in read("asha", "/requests/")

    def test_is_gone_without_a_freeze(self, world: World) -> None:
        assert "is frozen" not in read("amir", "/requests/")


class TestTheDecisionForm:
    def test_says_so_before_the_click_on_page_and_panel(self, world: World, amir: User, lena: User) -> None:
        waiting = world.waiting(by=amir)
        set_freeze(target=Target(scope="agent", agent=amir), why=WHY, actor=lena, at=NOON)

        for html in (
            read("dana", f"/requests/{waiting.reference}/"),
            read("dana", f"/requests/{waiting.reference}/panel/", **HTMX),
        ):
            assert "Everything of Amir is frozen by Lena" in html
            assert "declining and asking stay possible" in html
        assert not FreezeStop.objects.exists()

    def test_answers_the_click_with_the_same_words_and_keeps_the_stop(
        self, world: World, amir: User, lena: User
    ) -> None:
        waiting = world.waiting(by=amir)
        set_freeze(target=Target(scope="everything"), why=WHY, actor=lena, at=NOON)

        answer = as_("dana").post(f"/requests/{waiting.reference}/approve/", {"amount": "100.00"})

        assert answer.status_code == 403
        assert WHY in answer.content.decode()
        assert FreezeStop.objects.get().reference == waiting.reference
