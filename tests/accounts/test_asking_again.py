"""What is large asks once more who one is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import FreezeSwitch
from approvals.services.freezes import Target, set_freeze
from evidence.models import LedgerEntry
from refunds.models import ShopConnection
from tests.accounts.acts import OF_PEOPLE, PASSWORD, WHY, confirms_a_limit, with_password
from tests.accounts.acts_of_rules import OF_RULES
from tests.harness.people import settle
from tests.harness.sign_in import make_stale
from tests.harness.world import NOON
from tests.refunds.webhooks.shop import connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import Settings

    from tests.accounts.acts import Act
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

QUESTION = "Confirm who you are"
ACTS = [*OF_PEOPLE, *OF_RULES]
OF_OTHERS = [act for act in ACTS if "herself" not in act.__name__]
"""Whose right is not everybody's."""


def stale_browser(username: str) -> Client:
    client = Client()
    client.force_login(with_password(username))
    make_stale(client)
    return client


@pytest.mark.parametrize("made", ACTS, ids=lambda made: made.__name__)
class TestWhoever:
    """Each act, by somebody who showed who she is eleven minutes ago."""

    def test_is_asked_first_and_nothing_is_done(self, world: World, made: Callable[[World], Act]) -> None:
        act = made(world)
        browser = stale_browser(act.who)
        known = LedgerEntry.objects.count()

        asked = browser.post(act.address, act.words)

        assert asked.status_code == 403
        assert QUESTION in asked.text
        assert f'name="next" value="{escape(act.address)}"' in asked.text
        assert all(f'name="{name}" value="{escape(value)}"' in asked.text for name, value in act.words.items())
        assert not act.is_done()
        assert LedgerEntry.objects.count() == known

    def test_does_it_with_the_same_words_once_she_has_shown_it(
        self, world: World, made: Callable[[World], Act]
    ) -> None:
        act = made(world)
        browser = stale_browser(act.who)
        form = {**act.words, "next": act.address, "replay": "1"}

        wrong = browser.post("/step-up/", {**form, "password": "guess"}, follow=True)
        assert wrong.status_code == 403
        assert not act.is_done()
        browser.post("/step-up/", {**form, "password": PASSWORD}, follow=True)

        assert act.is_done()


class TestTheQuestion:
    """Where it is not asked, and how."""

    @pytest.mark.parametrize("made", OF_OTHERS, ids=lambda made: made.__name__)
    def test_is_not_put_to_whoever_may_not_do_it(self, world: World, made: Callable[[World], Act]) -> None:
        act = made(world)
        amir = with_password("amir")
        amir.is_staff = True
        amir.save()
        answer = stale_browser("amir").post(act.address, act.words)

        assert answer.status_code == 403
        assert QUESTION not in answer.text
        assert not act.is_done()

    def test_is_one_click_in_the_demo(self, world: World, settings: Settings) -> None:
        settings.DEMO = True
        act = confirms_a_limit(world)
        person = settle("lena")
        person.set_unusable_password()
        person.save()
        lena = Client()
        lena.force_login(person)
        make_stale(lena)

        assert "I am Lena" in lena.post(act.address, act.words).text
        lena.post("/step-up/", {**act.words, "next": act.address, "replay": "1"}, follow=True)
        assert act.is_done()

    def test_is_not_put_for_the_freeze_of_one_team(self, world: World) -> None:
        switch = set_freeze(target=Target(scope="team", team=world.team()), why=WHY, actor=settle("lena"), at=NOON)
        stale_browser("root").post(reverse("approvals:lift_freeze", args=[switch.pk]), {"why": WHY})

        assert FreezeSwitch.objects.get().lifted_at is not None


class TestASecret:
    """No page carries one: it is typed after the question, not before."""

    def test_opens_no_form_before(self, world: World) -> None:
        shop, _ = connected(world)
        browser = stale_browser("root")
        for address in (
            reverse("admin:refunds_shopconnection_add"),
            reverse("admin:refunds_shopconnection_change", args=[shop.pk]),
            reverse("admin:refunds_webhookendpoint_add"),
            reverse("admin:auth_user_password_change", args=[settle("amir").pk]),
        ):
            shown = browser.get(address)
            assert QUESTION in shown.text, address
            assert 'name="replay"' not in shown.text
            led = browser.post("/step-up/", {"next": address, "password": PASSWORD})
            assert led.headers["Location"] == address
            assert QUESTION not in browser.get(address).text
            make_stale(browser)

    def test_typed_too_late_is_not_on_the_page(self, world: World) -> None:
        shop, _ = connected(world)
        before = ShopConnection.objects.values().get()
        words = {"secret": "shpss_typed_too_late", "overlap_hours": "2"}
        asked = stale_browser("root").post(reverse("admin:refunds_shopconnection_rotate", args=[shop.pk]), words)

        assert asked.status_code == 403
        assert "shpss_typed_too_late" not in asked.text
        assert "what you typed is to be typed again" in asked.text
        assert reverse("admin:refunds_shopconnection_health", args=[shop.pk]) in asked.text
        assert ShopConnection.objects.values().get() == before

    def test_of_somebody_else_is_not_on_the_page(self, world: World) -> None:
        amir = settle("amir")
        words = {"password1": "typed too late 123", "password2": "typed too late 123", "usable_password": "true"}
        asked = stale_browser("root").post(reverse("admin:auth_user_password_change", args=[amir.pk]), words)

        assert asked.status_code == 403
        assert "typed too late" not in asked.text
        assert not settle("amir").check_password("typed too late 123")
