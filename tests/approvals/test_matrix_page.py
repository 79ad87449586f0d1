"""The authority matrix and its tester."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.matrix import Question, answers, reaches
from approvals.models import Absence, ApprovalDecision, AuthorityLimit, Delegation
from approvals.vocabulary import Category, DelegationState
from config.kernel.money import Money
from config.kernel.people import give_roles
from tests.admin.desk import desk_of
from tests.harness.people import by_decree, settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from approvals.matrix import Answer
    from config.kernel.people import User
    from tests.harness.world import World

PAGE = "approvals:authority"


@pytest.fixture
def signers(world: World) -> dict[str, User]:
    """Everybody who may sign, by name."""
    return {name: settle(name) for name in ("dana", "viktor", "vera", "amir", "root", "lena")}


def asked(world: World, *, pounds: int, entered_by: User | None = None) -> dict[str, Answer]:
    """Ask who could approve a refund, by name."""
    question = Question(
        amount=Money(pounds * 100, "GBP"),
        category=Category.REFUND,
        team=world.team("uk-retail"),
        entered_by=entered_by,
    )
    return {answer.person.username: answer for answer in answers(question, at=NOON)}


class TestTheTester:
    def test_names_who_can_and_says_of_each_other_why_not(self, world: World, signers: dict[str, User]) -> None:
        told = asked(world, pounds=3_000)

        assert [name for name, answer in told.items() if answer.is_able] == ["viktor", "vera"]
        assert told["viktor"].up_to == Money(5_000_00, "GBP")
        assert told["viktor"].left_today == Money(1_000_000_00, "GBP")
        assert told["dana"].why_not == "You may approve up to £500.00; this is £3,000.00."
        assert "amir" not in told

    def test_keeps_whoever_entered_it_out(self, world: World, signers: dict[str, User]) -> None:
        told = asked(world, pounds=3_000, entered_by=signers["viktor"])

        assert not told["viktor"].is_able
        assert told["viktor"].why_not == "You entered this request. Somebody else must decide."
        assert told["vera"].is_able

    def test_counts_what_is_left_of_the_day(self, world: World, signers: dict[str, User]) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=signers["viktor"]).update(daily_minor=5_000_00)
        world.approved(by=signers["amir"], approver=signers["viktor"], pounds=2_500)
        assert ApprovalDecision.objects.filter(decided_by=signers["viktor"]).exists()

        told = asked(world, pounds=3_000)

        assert told["viktor"].left_today is not None
        assert told["viktor"].left_today < Money(3_000_00, "GBP")
        assert not told["viktor"].is_able
        assert "left of the day" in told["viktor"].why_not

    def test_says_who_is_away(self, world: World, signers: dict[str, User]) -> None:
        Absence.objects.create(
            user=signers["viktor"],
            from_at=NOON - timedelta(days=1),
            until_at=NOON + timedelta(days=1),
            entered_by=signers["viktor"],
            entered_at=NOON,
        )

        told = asked(world, pounds=3_000)

        assert told["viktor"].away_until == NOON + timedelta(days=1)
        assert not told["viktor"].is_able

    def test_says_in_whose_name(self, world: World, signers: dict[str, User]) -> None:
        Delegation.objects.create(
            lent_by=signers["vera"],
            lent_to=signers["viktor"],
            state=DelegationState.ACCEPTED,
            from_at=NOON - timedelta(days=1),
            until_at=NOON + timedelta(days=1),
            offered_at=NOON,
            answered_at=NOON,
        )

        assert asked(world, pounds=3_000)["viktor"].lent_by == ["Vera"]


class TestReach:
    def test_ends_where_the_highest_limit_ends(self, world: World, signers: dict[str, User]) -> None:
        of = {(reach.team.slug, reach.category): reach for reach in reaches(at=NOON)}

        refunds = of["uk-retail", Category.REFUND]
        assert (refunds.most, [person.username for person in refunds.people]) == (Money(50_000_00, "GBP"), ["vera"])
        assert of["uk-retail", Category.GOODWILL_CREDIT].most is None


class TestThePage:
    def test_shows_limits_gaps_and_roles(self, world: World, signers: dict[str, User]) -> None:
        page = desk_of(signers["lena"]).get(reverse(PAGE)).content.decode()

        assert "nobody can approve above £50,000.00." in page
        assert "Goodwill credit: nobody can approve anything." in page
        assert "£5,000.00" in page
        assert "Nobody holds roles that exclude each other." in page
        assert "Propose change" not in page

    def test_lists_conflicts(self, world: World, signers: dict[str, User]) -> None:
        give_roles(user=signers["amir"], roles=["agent", "approver"])

        page = desk_of(signers["lena"]).get(reverse(PAGE)).content.decode()

        assert "Who asks for a refund does not approve refunds." in page

    def test_offers_a_proposal_to_those_who_may(self, world: World, signers: dict[str, User]) -> None:
        assert "Propose change" in desk_of(signers["root"]).get(reverse(PAGE)).content.decode()

    def test_answers_the_form(self, world: World, signers: dict[str, User]) -> None:
        query = {"amount": "3,000", "currency": "gbp", "category": "refund", "team": "uk-retail", "entered_by": "vera"}

        answer = desk_of(signers["lena"]).get(reverse(PAGE), query)

        assert answer.status_code == 200
        assert [one.person.username for one in answer.context["answers"] if one.is_able] == ["viktor"]

    def test_answers_htmx_with_the_tester_alone(self, world: World, signers: dict[str, User]) -> None:
        query = {"amount": "99999", "currency": "GBP", "category": "refund", "team": "uk-retail"}

        answer = desk_of(signers["lena"]).get(reverse(PAGE), query, headers={"HX-Request": "true"})

        assert answer.content.decode().lstrip().startswith('<section id="tester">')
        assert "Nobody can approve this now." in answer.content.decode()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"amount": "much"}, "amount"),
            ({"currency": "ZZZ"}, "currency"),
            ({"category": "gift"}, "category"),
            ({"team": "nowhere"}, "team"),
            ({"entered_by": "nobody-at-all"}, "entered_by"),
        ],
    )
    def test_names_the_field_it_cannot_read(
        self, world: World, signers: dict[str, User], changes: dict[str, str], field: str
    ) -> None:
        query = {"amount": "3", "currency": "GBP", "category": "refund", "team": "uk-retail", **changes}

        answer = desk_of(signers["lena"]).get(reverse(PAGE), query)

        assert answer.status_code == 422
        assert [reason.field for reason in answer.context["refusal"].reasons] == [field]

    def test_asks_about_now(self, world: World, signers: dict[str, User]) -> None:
        Absence.objects.create(
            user=signers["viktor"],
            from_at=timezone.now() - timedelta(hours=1),
            until_at=timezone.now() + timedelta(hours=1),
            entered_by=signers["viktor"],
            entered_at=NOON,
        )
        query = {"amount": "3000", "currency": "GBP", "category": "refund", "team": "uk-retail"}

        page = desk_of(signers["lena"]).get(reverse(PAGE), query).content.decode()

        assert "Away until" in page
