"""The first minutes: led to a task, ticked off by what really happened, and hidden when somebody has enough of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from approvals.vocabulary import Verdict
from config.demo.first_tasks import FIRST_TASKS, guide_for, steps
from config.demo.people import PERSONAS, settle_people
from refunds import workflow
from tests.harness.founding import found
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from django.test import Client

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_of_the_story")]

CARD = 'id="first-minutes"'


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    found(lambda: settle_people(at=NOON), name="people of the demo")


class TestFirstTasks:
    def test_are_there_for_every_role_of_the_demo(self) -> None:
        assert FIRST_TASKS.keys() == {persona.role for persona in PERSONAS}
        assert len(steps()) == len(FIRST_TASKS)

    @pytest.mark.parametrize("username", [persona.username for persona in PERSONAS])
    def test_lead_somewhere_the_person_may_go_even_when_nothing_waits(self, username: str, client: Client) -> None:
        client.post(f"/demo/become/{username}/")
        guide = guide_for(settle(username), at=NOON)

        assert guide is not None
        assert client.get(guide.where).status_code == 200


class TestTheCard:
    def test_leads_an_approver_to_what_waits_longest(self, client: Client, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))
        client.post("/demo/become/dana/")

        page = client.get("/").text

        assert CARD in page
        assert f'href="{waiting.get_absolute_url()}">Start' in page

    def test_is_ticked_off_by_the_decision_and_names_who_comes_next(self, client: Client, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))
        client.post("/demo/become/dana/")
        assert [step.persona.username for step in steps() if step.state == "done"] == []

        workflow.decide(
            reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=settle("dana"), at=NOON
        )

        page = client.get("/").text
        assert [step.persona.username for step in steps() if step.state == "done"] == ["dana"]
        assert "It is on record." in page
        assert 'action="/demo/become/amir/"' in page.partition(CARD)[2].partition("</section>")[0]

    def test_counts_nothing_that_was_done_before_somebody_came(self, client: Client, world: World) -> None:
        world.approved(by=settle("amir"), approver=settle("dana"))
        client.post("/demo/become/dana/")

        assert "It is on record." not in client.get("/").text

    def test_stays_hidden_from_one_person_to_the_next_until_it_is_asked_for(self, client: Client) -> None:
        client.post("/demo/become/dana/")
        client.post("/demo/first-minutes/hide/")
        assert CARD not in client.get("/").text
        client.post("/demo/become/mei/")
        assert CARD not in client.get("/").text

        client.post("/demo/first-minutes/show/")

        assert CARD in client.get("/").text

    def test_is_not_shown_to_whoever_came_by_another_door(self, client: Client) -> None:
        client.force_login(settle("dana"))

        assert CARD not in client.get("/").text

    def test_is_hidden_by_a_post_alone(self, client: Client) -> None:
        client.post("/demo/become/dana/")

        assert client.get("/demo/first-minutes/hide/").status_code == 405
        assert CARD in client.get("/").text
