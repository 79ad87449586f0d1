"""Signed links: they lead one person to one page, decide nothing, and say clearly when they lead nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
import time_machine
from django.core import signing
from django.test import Client

from approvals import links
from approvals.services.escalating import escalate_step
from approvals.vocabulary import Verdict
from refunds import workflow
from tests.harness.people import fresh
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON, World

from .timely import route_of, waiting_until_four

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db


def link_to(refund_request: RefundRequest, user: User) -> str:
    """Sign a link to the open level of a request."""
    token = links.token_for(route=route_of(refund_request), level=1, user=user)
    return f"/queue/open/{token}/"


def browser(user: User) -> Client:
    """Log somebody in."""
    client = Client()
    client.force_login(user)
    return client


class TestALink:
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_leads_to_the_request_and_changes_nothing(self, world: World, amir: User, dana: User, method: str) -> None:
        waiting = world.waiting(by=amir)
        client = browser(dana)

        with nothing_moves():
            answer = getattr(client, method)(link_to(waiting, dana))

        assert (answer.status_code, answer.headers["Location"]) == (302, f"/requests/{waiting.reference}/")

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
    def test_takes_no_other_method(self, world: World, amir: User, dana: User, method: str) -> None:
        waiting = world.waiting(by=amir)
        client = browser(dana)

        with nothing_moves():
            assert getattr(client, method)(link_to(waiting, dana)).status_code == 405

    def test_asks_for_a_login_first_and_comes_back(self, world: World, amir: User, dana: User) -> None:
        address = link_to(world.waiting(by=amir), dana)

        answer = Client().get(address)

        assert answer.status_code == 302
        assert unquote(answer.headers["Location"]).endswith(f"?next={address}")

    def test_is_found_again_after_choosing_who_one_is_in_the_demo(self, world: World, amir: User, dana: User) -> None:
        address = link_to(world.waiting(by=amir), dana)
        client = Client()

        assert f'value="{address}"' in client.get("/demo/", {"next": address}).content.decode()
        assert client.post("/demo/become/dana/", {"next": address}).headers["Location"] == address
        assert client.post("/demo/become/dana/", {"next": "//evil.example/"}).headers["Location"] == "/"

    def test_of_somebody_else_is_refused_and_tells_nothing(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        waiting = world.waiting(by=amir)

        answer = browser(viktor).get(link_to(waiting, dana))

        shown = answer.content.decode()
        assert answer.status_code == 403
        assert "You are logged in as Viktor" in shown
        assert waiting.reference not in shown

    def test_that_was_changed_is_refused(self, world: World, amir: User, dana: User, viktor: User) -> None:
        address = link_to(world.waiting(by=amir), viktor)
        mine = link_to(world.waiting(by=amir), dana)
        spliced = f"{address.split(':')[0]}:{':'.join(mine.split(':')[1:])}"

        for changed in (spliced, "/queue/open/made-up/", "/queue/open/a:b:c/"):
            answer = browser(dana).get(changed)
            assert answer.status_code == 404
            assert "This link is broken" in answer.content.decode()

    def test_that_is_signed_for_something_else_is_refused(self, world: World, dana: User) -> None:
        from_elsewhere = signing.dumps(["0" * 32, 1, dana.pk], salt="somewhere.else")

        assert browser(dana).get(f"/queue/open/{from_elsewhere}/").status_code == 404

    def test_lasts_seven_days(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        begun = datetime.now(UTC)
        with time_machine.travel(begun, tick=False):
            address = link_to(waiting, dana)

        client = browser(dana)
        with time_machine.travel(begun + timedelta(days=7) - timedelta(seconds=2), tick=False):
            client.force_login(dana)
            assert client.get(address).status_code == 302
        with time_machine.travel(begun + timedelta(days=7, seconds=2), tick=False):
            client.force_login(dana)
            answer = client.get(address)
        assert answer.status_code == 410
        assert "This link has expired" in answer.content.decode()

    def test_says_that_it_was_decided_and_still_shows_where(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        waiting = world.waiting(by=amir)
        address = link_to(waiting, dana)
        workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(viktor), at=NOON
        )

        answer = browser(dana).get(address)

        assert answer.status_code == 409
        assert f"{waiting.reference} no longer waits" in answer.content.decode()
        assert f'href="/requests/{waiting.reference}/"' in answer.content.decode()

    def test_goes_on_leading_there_after_it_went_up(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        address = link_to(waiting, dana)
        escalate_step(route=route_of(waiting), actor=dana, note="", at=NOON)

        assert browser(dana).get(address).status_code == 302

    def test_is_printed_with_the_address_of_the_portal(
        self, world: World, amir: User, dana: User, settings: Settings
    ) -> None:
        settings.PORTAL_URL = "https://refunds.example"
        route = route_of(world.waiting(by=amir))

        assert links.address_for(route=route, level=1, user=dana).startswith("https://refunds.example/queue/open/")
