"""A decision's page leads to its replay: stored and now, side by side, with the facts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from config.kernel.people import assign_to_teams
from policies.engine.facts import Recent
from policies.models import PolicyDecision
from tests.admin.desk import desk_of
from tests.harness.people import fresh
from tests.policies.decisions import beside, facts_of, in_shadow, kept

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

LIST = "admin:policies_policydecision_changelist"


def replay_of(decision: PolicyDecision) -> str:
    return reverse("admin:policies_policydecision_replay", args=[decision.pk])


class TestTheReplay:
    def test_is_led_to_from_the_decisions_page(self, world: World, mei: User) -> None:
        decision = kept(world.policy(), facts_of(10_00))

        page = desk_of(mei).get(reverse("admin:policies_policydecision_change", args=[decision.pk]))

        assert replay_of(decision) in page.content.decode()

    def test_says_that_nothing_differs(self, world: World, mei: User) -> None:
        page = desk_of(mei).get(replay_of(kept(world.policy(), facts_of(60_00))))

        assert "It says what it said" in page.content.decode()
        assert not any(row.differs for row in page.context["rows"])
        assert page.context["rows"][0][:3] == ("Outcome", "Needs approval", "Needs approval")

    def test_marks_what_differs(self, world: World, mei: User) -> None:
        wrong = kept(world.policy(), facts_of(60_00), outcome="allow", allowed_minor=1)

        page = desk_of(mei).get(replay_of(wrong))

        assert "2 things come out otherwise" in page.content.decode()
        assert [(row.label, row.stored, row.now) for row in page.context["rows"] if row.differs] == [
            ("Outcome", "Automatic", "Needs approval"),
            ("Allowed by the policy", "£0.01", "£60.00"),
        ]

    def test_says_the_facts_in_words(self, world: World, mei: User) -> None:
        facts = facts_of(
            60_00,
            dispute_is_open=True,
            dispute_due_in_hours=-3,
            asked_weekday=5,
            asked_minute=754,
            recent=(Recent("customer", 30, 2, 40_00, 100_00),),
            evidence_kinds=frozenset({"carrier_proof"}),
        )

        told = dict(desk_of(mei).get(replay_of(kept(world.policy(), facts))).context["facts"])

        assert told["What"] == "Refund"
        assert told["Line 1"] == "1 piece, home, £60.00, unopened"
        assert told["Time"] == "8 days since delivery"
        assert told["Dispute"] == "open, evidence was due 3 hours before"
        assert told["Asked"] == "Friday, 12:34 on the team's clock"
        assert told["Within 30 days"] == "2 more of this customer, £40.00; bought for £100.00"
        assert told["Evidence"] == "proof from the carrier"

    def test_shows_facts_nobody_understands_as_they_lie_there(self, world: World, mei: User) -> None:
        page = desk_of(mei).get(replay_of(kept(world.policy(), facts_of(10_00), facts={"colour": "red"})))

        assert page.status_code == 200
        assert page.context["facts"] == [("colour", "red")]
        assert "verdict was allow, is now none" in page.content.decode()

    def test_writes_nothing(self, world: World, mei: User) -> None:
        decision = kept(world.policy(), facts_of(10_00))

        desk_of(mei).get(replay_of(decision))

        assert PolicyDecision.objects.count() == 1

    def test_is_not_there_for_strangers(self, world: World, mei: User) -> None:
        decision = kept(world.policy(), facts_of(10_00))
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])

        assert desk_of(fresh(mei)).get(replay_of(decision)).status_code == 404


class TestTheList:
    def test_counts_no_case_twice(self, world: World, mei: User) -> None:
        decision = kept(world.policy(), facts_of(60_00))
        trial = beside(decision, in_shadow(world))
        desk = desk_of(mei)

        def listed(**query: str) -> list[PolicyDecision]:
            return list(desk.get(reverse(LIST), query).context["cl"].result_list)

        assert listed() == [decision]
        assert listed(said_by="shadow") == [trial]
        assert len(listed(said_by="all")) == 2
