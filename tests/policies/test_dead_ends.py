"""What a policy hands to people must be something somebody can sign, also while people are away or ask themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.test import Client

from approvals.models import Absence, DeadEnd
from config.kernel import outbox
from config.kernel.jobs import Job
from config.kernel.people import give_roles
from policies.dead_ends import plausible_dead_ends, sentences_of
from policies.engine.document import parse_document
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .test_proving import document

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


def found(world: World, raw: dict[str, Any]) -> list[str]:
    refunds = [
        each for each in plausible_dead_ends(parse_document(raw), world.team(), at=NOON) if each.category == "refund"
    ]
    return sentences_of(refunds)


def away(person: User, *, days: int = 9) -> None:
    Absence.objects.create(
        user=person, from_at=NOON, until_at=NOON + timedelta(days=days), entered_by=person, entered_at=NOON
    )


class TestAPlausibleRequest:
    def test_can_be_signed_when_two_can(self, world: World) -> None:
        settle("viktor"), settle("vera")

        assert found(world, document(most_minor=5_000_00)) == []

    def test_names_the_smallest_amount_above_every_limit(self, world: World) -> None:
        settle("viktor"), settle("vera")

        (sentence, *_) = found(world, document(most_minor=60_000_00))

        assert sentence == ("Nobody can approve GBP 50,000.01 or more as refund: it needs 1 with the role “approver”.")

    def test_names_what_the_only_signer_could_not_ask_for(self, world: World) -> None:
        settle("dana"), settle("viktor")

        (sentence,) = found(world, document(most_minor=5_000_00))

        assert sentence == (
            "When Viktor enters it, nobody can approve GBP 500.01 or more as refund: it needs 1 with the role"
            " “approver”."
        )

    def test_names_what_waits_for_somebody_who_is_away(self, world: World) -> None:
        settle("dana")
        away(settle("viktor"))

        sentences = found(world, document(most_minor=5_000_00))

        assert sentences[0] == (
            "While Viktor is away until 29 Nov 12:00 UTC, nobody can approve GBP 500.01 or more as refund: it needs 1"
            " with the role “approver”."
        )

    def test_counts_whoever_a_case_brings_in_besides(self, world: World) -> None:
        settle("viktor"), settle("vera")
        raw = document(most_minor=5_000_00)
        raw["approval"]["also"] = [
            {"role": "manager", "sla_hours": 8, "when": {"risks": ["high"], "above_minor": {"GBP": 1_000_00}}}
        ]

        sentences = found(world, raw)

        wanted = "it needs 1 with the role “approver” and 1 with the role “manager”"
        assert sentences == [
            f"When {who} enters it, nobody can approve GBP 1,000.01 or more as refund: {wanted}."
            for who in ("Viktor", "Vera")
        ]


class TestThePage:
    def test_looks_again_and_names_the_open_request(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir, pounds=1000)
        give_roles(user=viktor, roles=["agent"])
        client = Client()
        client.force_login(dana)

        assert "Waiting for a worker." in client.post("/dead-ends/", follow=True).content.decode()
        outbox.drain()

        words = client.get("/dead-ends/").content.decode()
        assert DeadEnd.objects.get().route.reference == waiting.reference
        assert waiting.reference in words
        assert "nobody can: Dana signs up to £500.00" in words

    def test_tells_nothing_of_other_teams(self, world: World, amir: User, dana: User, luis: User) -> None:
        world.waiting(by=amir, pounds=1000)
        world.filed(world.order(team="us-dtc", unit_minor=1000_00), by=amir)
        client = Client()
        client.force_login(luis)
        client.post("/dead-ends/")
        outbox.drain()

        words = client.get("/dead-ends/").content.decode()

        assert DeadEnd.objects.count() == 2
        assert words.count("<tr data-row") == 1
        assert "us-dtc" not in words

    def test_shows_how_far_a_look_is_and_stops_ones_own(self, world: World, dana: User, viktor: User) -> None:
        hers, his = Client(), Client()
        hers.force_login(dana)
        his.force_login(viktor)
        hers.post("/dead-ends/")
        Job.objects.update(done=1000, total=4000, state="running")

        words = his.get("/dead-ends/", headers={"HX-Request": "true"}).content.decode()
        assert "1000 of 4000" in words
        assert "Stop" not in words
        his.post("/dead-ends/", {"stop": "1"})
        assert not Job.objects.get().is_cancel_wanted
        hers.post("/dead-ends/", {"stop": "1"})
        assert Job.objects.get().is_cancel_wanted

    def test_is_not_for_agents(self, world: World, amir: User) -> None:
        client = Client()
        client.force_login(amir)

        assert client.get("/dead-ends/").status_code == 403


class TestAVersionUnderReview:
    def test_shows_what_nobody_could_approve_now(self, world: World, mei: User, viktor: User) -> None:
        away(viktor)
        client = Client()
        version = world.policy()

        with time_machine.travel(NOON, tick=False):
            client.force_login(mei)
            words = client.get(f"/admin/policies/policyversion/{version.pk}/proof/").content.decode()

        assert "While Viktor is away until" in words
