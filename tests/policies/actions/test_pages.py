"""The pages of governed actions: found, read, signed for and explained, each by plain links and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import ApprovalDecision
from policies.actions.observing import observe
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON

from .desk import asked, gate, let_sign, sighting

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.usefixtures("clock_of_the_story")

WHY = "Runs every Friday, set up by finance in May."


def browser_of(user: User) -> Client:
    """Open a browser."""
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """Read a page."""
    return str(answer.content.decode())


def stored(action: GovernedAction) -> GovernedAction:
    """Read it anew."""
    return GovernedAction.objects.get(pk=action.pk)


class TestTheList:
    def test_narrows_by_state_category_and_whether_anybody_asked(self, world: World, bot: User, lena: User) -> None:
        mine, seen = asked(world, by=bot), observe(sighting=sighting(world, 99), at=NOON)
        lenas = browser_of(lena)

        def shows(query: str) -> set[str]:
            page = words(lenas.get(f"/actions/?{query}"))
            return {one.reference for one in (mine, seen) if one.reference in page}

        assert shows("") == {mine.reference, seen.reference}
        assert shows("ungoverned=1") == shows("state=observed") == {seen.reference}
        assert shows("ungoverned=0") == shows("state=watched&category=payout") == {mine.reference}
        assert shows("category=transfer") == set()

    def test_goes_on_where_a_page_ends(self, world: World, lena: User) -> None:
        for number in range(51):
            observe(sighting=sighting(world, 100, external_id=f"po_{number}"), at=NOON)
        lenas = browser_of(lena)

        first = lenas.get("/actions/?ungoverned=1")
        second = lenas.get(f"/actions/{first.context['next']}")

        assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 1)

    def test_counts_for_finance_what_nobody_explained(self, world: World, lena: User, sam: User) -> None:
        observe(sighting=sighting(world), at=NOON)

        assert 'id="waits-v">1<' in words(browser_of(lena).get("/"))
        assert 'id="waits-v">1<' not in words(browser_of(sam).get("/"))


class TestTheQueue:
    def test_shows_an_action_with_its_panel(self, world: World, bot: User, viktor: User) -> None:
        gate(world)
        let_sign(viktor)
        waiting = asked(world, 3_000_00, by=bot)
        viktors = browser_of(viktor)

        queue = words(viktors.get("/queue/"))
        panel = words(viktors.get(f"/actions/{waiting.reference}/panel/", headers={"HX-Request": "true"}))

        assert waiting.reference in queue
        assert panel.startswith('<section class="card" id="panel"')
        assert "Approve US$3,000.00" in panel


class TestOneAction:
    @pytest.fixture
    def waiting(self, world: World, bot: User, viktor: User) -> GovernedAction:
        """Have a payout wait for Viktor."""
        gate(world)
        let_sign(viktor)
        return asked(world, 3_000_00, by=bot)

    def test_shows_the_verdict_and_who_signs(self, waiting: GovernedAction, viktor: User) -> None:
        page = words(browser_of(viktor).get(waiting.get_absolute_url()))

        assert "is automatic; this is" in page
        assert "sent it to approval." in page
        assert "Approve US$3,000.00" in page

    def test_is_approved_and_leads_back_to_the_queue(self, waiting: GovernedAction, viktor: User) -> None:
        address = reverse("policies:approve_action", args=[waiting.reference])

        answer = browser_of(viktor).post(address, {"rationale": "", "back": "/queue/?view=mine"})

        assert (answer.status_code, answer["Location"]) == (302, "/queue/?view=mine")
        assert stored(waiting).state == ActionState.ALLOWED

    def test_leads_nowhere_else(self, waiting: GovernedAction, viktor: User) -> None:
        address = reverse("policies:approve_action", args=[waiting.reference])

        answer = browser_of(viktor).post(address, {"rationale": "", "back": "https://elsewhere.example.com/"})

        assert answer["Location"] == waiting.get_absolute_url()

    def test_says_what_a_no_lacks_beside_its_field(self, waiting: GovernedAction, viktor: User) -> None:
        address = reverse("policies:decline_action", args=[waiting.reference])

        with nothing_moves():
            answer = browser_of(viktor).post(address, {"rationale": "no"})

        assert answer.status_code == 422
        assert words(answer).count("Say why in 10 to 2000 characters") == 2  # in the summary and at the field
        assert not ApprovalDecision.objects.exists()

    def test_says_who_was_faster(self, waiting: GovernedAction, viktor: User, vera: User) -> None:
        let_sign(vera)
        address = reverse("policies:approve_action", args=[waiting.reference])
        browser_of(viktor).post(address, {})

        answer = browser_of(vera).post(address, {})

        assert answer.status_code == 409
        assert "Viktor" in words(answer)

    def test_offers_nothing_to_whoever_may_not_sign(self, waiting: GovernedAction, dana: User, ada: User) -> None:
        """Dana's limit is for refunds, Ada only reads."""
        assert "Approve US$3,000.00" not in words(browser_of(dana).get(waiting.get_absolute_url()))
        assert "Approve US$3,000.00" not in words(browser_of(ada).get(waiting.get_absolute_url()))

    @pytest.mark.parametrize(("name", "status"), [("luis", 404), ("amir", 403), ("bot", 403)])
    def test_is_hidden_from_strangers(
        self, waiting: GovernedAction, name: str, status: int, request: pytest.FixtureRequest
    ) -> None:
        answer = browser_of(request.getfixturevalue(name)).get(waiting.get_absolute_url())

        assert answer.status_code == status


class TestWhatNobodyAskedAbout:
    def test_is_explained_by_finance(self, world: World, lena: User) -> None:
        seen = observe(sighting=sighting(world), at=NOON)
        lenas = browser_of(lena)
        address = reverse("policies:explain_action", args=[seen.reference])

        empty = lenas.post(address, {"code": "", "note": ""})
        answer = lenas.post(address, {"code": "schedule", "note": WHY})

        assert empty.status_code == 422
        assert answer.status_code == 302
        page = words(lenas.get(seen.get_absolute_url()))
        assert "Runs on a schedule at the processor" in page
        assert WHY in page
        assert stored(seen).state == ActionState.EXPLAINED

    def test_says_what_the_policy_would_have_said(self, world: World, sam: User) -> None:
        seen = observe(sighting=sighting(world), at=NOON)

        page = words(browser_of(sam).get(seen.get_absolute_url()))

        assert "Had somebody asked, the policy would have said: automatic." in page
        assert "Explain it" not in page
