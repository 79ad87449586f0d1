"""Every wish about the queue lives in the address, and a view shows what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import ApprovalRoute, ApprovalStep, Delegation, SavedView
from approvals.queue_view import TABS, QueueView, view_from
from approvals.selectors import tab_counts, waiting_routes
from approvals.services.desk import ask_colleague, save_view, snooze_route
from approvals.services.escalating import escalate_step
from approvals.services.leasing import lease_step
from approvals.vocabulary import DelegationState
from config.kernel.people import User, assign_to_teams, give_roles
from config.kernel.refusals import Refused
from evidence.attachments import attach
from evidence.links import link_to
from tests.evidence.builders import drawing, upload
from tests.harness.people import fresh
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db


def shown(viewer: User, view: QueueView) -> list[str]:
    return [row.reference for row in waiting_routes(fresh(viewer), view, at=NOON)]


def route_of(refund_request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.get(reference=refund_request.reference)


class TestTheAddress:
    def test_is_read_and_written_back(self) -> None:
        asked = {
            "view": "low",
            "q": "Ada",
            "currency": "GBP",
            "from": "10.50",
            "to": "99",
            "risk": "low",
            "agent": "amir",
        }

        view = view_from(asked)

        assert (view.tab, view.customer, view.least_minor, view.most_minor) == ("low", "Ada", 10_50, 99_00)
        assert view_from(dict(pair.split("=") for pair in view.query().split("&"))) == view

    @pytest.mark.parametrize(
        "asked",
        [
            {"view": "nothing"},
            {"currency": "XXY"},
            {"from": "10", "currency": ""},
            {"from": "ten"},
            {"after": "yesterday", "after_id": "1"},
            {"after": "0001-01-01T00:00:00+14:00"},
            {"q": "\x00"},
        ],
    )
    def test_leaves_out_what_cannot_be_read(self, asked: dict[str, str]) -> None:
        assert view_from(asked) == QueueView()

    def test_says_each_filter_as_a_chip_that_takes_it_away(self) -> None:
        view = view_from({"currency": "GBP", "risk": "high"})

        assert [(chip["label"], chip["value"], chip["without"]) for chip in view.chips()] == [
            ("Currency", "GBP", "view=mine&risk=high"),
            ("Risk", "High risk", "view=mine&currency=GBP"),
        ]


class TestAView:
    def test_narrows_to_every_wish(self, world: World, amir: User, mei: User, dana: User) -> None:
        small, large = world.waiting(by=amir, pounds=100), world.waiting(by=amir, pounds=400)
        other = world.waiting(by=mei, pounds=200)

        assert shown(dana, QueueView(currency="GBP", amount_from="150")) == [large.reference, other.reference]
        assert shown(dana, QueueView(currency="GBP", amount_to="150")) == [small.reference]
        assert shown(dana, QueueView(agent="mei")) == [other.reference]
        assert shown(dana, QueueView(category="payout")) == []
        assert shown(dana, QueueView(team="us-dtc")) == []
        assert shown(dana, QueueView(reason="changed_mind", customer=small.reference)) == [small.reference]

    def test_of_what_is_claimed_shows_live_holds_only(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        lease_step(route=route_of(waiting), actor=dana, at=NOON)

        assert shown(dana, QueueView(tab="claimed")) == [waiting.reference]
        late = waiting_routes(dana, QueueView(tab="claimed"), at=NOON + timedelta(minutes=15))
        assert list(late) == []

    def test_of_what_is_asked_of_me(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        ask_colleague(route=route_of(waiting), colleague=viktor, note="", actor=dana, at=NOON)

        assert shown(viktor, QueueView(tab="asked")) == [waiting.reference]
        assert shown(dana, QueueView(tab="asked")) == []

    def test_leaves_out_what_was_put_off_until_it_comes_back(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        snooze_route(route=route_of(waiting), pause="1h", actor=dana, at=NOON)

        assert shown(dana, QueueView()) == []
        assert shown(dana, QueueView(tab="snoozed")) == [waiting.reference]
        later = waiting_routes(dana, QueueView(), at=NOON + timedelta(hours=1))
        assert [row.reference for row in later] == [waiting.reference]

    @pytest.mark.parametrize("word", ["asked", "went up"])
    def test_shows_again_what_is_sent_to_whoever_put_it_off(
        self, world: World, amir: User, dana: User, viktor: User, word: str
    ) -> None:
        waiting = world.waiting(by=amir)
        route = route_of(waiting)
        route.steps.update(escalates_to="manager")
        snooze_route(route=route, pause="tomorrow", actor=viktor, at=NOON)

        if word == "asked":
            ask_colleague(route=route, colleague=viktor, note="", actor=dana, at=NOON)
        else:
            escalate_step(route=route, note="", actor=dana, at=NOON)

        assert shown(fresh(viktor), QueueView()) == [waiting.reference]

    def test_of_what_only_a_loan_lets_me_decide(self, world: World, amir: User, viktor: User, vera: User) -> None:
        own, lent = world.waiting(by=amir), world.waiting(by=amir)
        ApprovalStep.objects.filter(route=route_of(lent)).update(role="manager")
        ApprovalRoute.objects.filter(pk=route_of(lent).pk).update(open_roles=["manager"])
        assert shown(vera, QueueView(tab="lent")) == []

        Delegation.objects.create(
            lent_by=viktor,
            lent_to=vera,
            state=DelegationState.ACCEPTED,
            from_at=NOON,
            until_at=NOON + timedelta(days=1),
            offered_at=NOON,
            answered_at=NOON,
        )
        assert shown(vera, QueueView(tab="lent")) == [lent.reference]
        assert shown(vera, QueueView()) == [own.reference, lent.reference]

    def test_of_the_next_page_goes_on_behind_the_last_row(self, world: World, amir: User, dana: User) -> None:
        requests = [world.waiting(by=amir) for _ in range(3)]
        first, *rest = waiting_routes(dana, QueueView(), at=NOON)

        behind = shown(dana, QueueView(after_due_at=first.due_at, after_id=first.pk))

        assert behind == [row.reference for row in rest]
        assert {first.reference, *behind} == {each.reference for each in requests}


class TestCounts:
    def test_are_those_of_the_views(self, world: World, amir: User, dana: User) -> None:
        for pounds in (100, 200):
            world.waiting(by=amir, pounds=pounds)
        saved = save_view(name="Small ones", wanted=QueueView(currency="GBP", amount_to="150"), actor=dana)

        counts = tab_counts(dana, at=NOON, saved=[saved])

        assert (counts["mine"], counts["all"], counts["soon"], counts[f"saved-{saved.pk}"]) == (2, 2, 0, 1)
        for tab in TABS:
            assert counts[tab] == len(shown(dana, QueueView(tab=tab)))


class TestSavedViews:
    def test_are_kept_replaced_and_forgotten(self, world: World, dana: User, viktor: User) -> None:
        client = Client()
        client.force_login(dana)

        client.post("/queue/views/", {"name": "Large", "back": "/queue/?view=mine&currency=GBP&from=300"})
        client.post("/queue/views/", {"name": "Large", "back": "/queue/?view=mine&currency=GBP&from=400"})

        view = SavedView.objects.get()
        assert (view.user, view.query) == (dana, "view=mine&currency=GBP&from=400")
        stranger = Client()
        stranger.force_login(viktor)
        stranger.post(f"/queue/views/{view.pk}/delete/")
        assert SavedView.objects.exists()
        client.post(f"/queue/views/{view.pk}/delete/")
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("name", ["", "   ", "x" * 41])
    def test_need_a_name(self, world: World, dana: User, name: str) -> None:
        with pytest.raises(Refused):
            save_view(name=name, wanted=QueueView(), actor=dana)

    def test_are_at_most_twenty(self, world: World, dana: User) -> None:
        for number in range(20):
            save_view(name=f"View {number}", wanted=QueueView(), actor=dana)

        with pytest.raises(Refused, match="20 views already"):
            save_view(name="One more", wanted=QueueView(), actor=dana)


class TestThePage:
    def test_asks_the_same_number_of_queries_for_one_row_as_for_many(
        self, world: World, amir: User, dana: User
    ) -> None:
        client = Client()
        client.force_login(dana)

        def asked(address: str) -> int:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            return len(queries)

        world.waiting(by=amir)
        once = asked("/queue/")
        for _ in range(6):
            world.waiting(by=amir)

        assert asked("/queue/") == once <= 11

    def test_shows_the_columns_that_were_chosen(self, world: World, amir: User, dana: User) -> None:
        world.waiting(by=amir)
        client = Client()
        client.force_login(dana)
        assert "<th>Entered by</th>" not in client.get("/queue/").content.decode()

        client.post("/queue/columns/", {"column": ["agent", "team", "nonsense"]})

        page = client.get("/queue/").content.decode()
        assert "<th>Entered by</th>" in page
        assert "<th>Customer</th>" not in page

    def test_offers_the_colleague_whose_limit_suffices(
        self, world: World, amir: User, dana: User, viktor: User, vera: User
    ) -> None:
        waiting = world.waiting(by=amir, pounds=600)
        client = Client()
        client.force_login(dana)

        page = client.get(f"/requests/{waiting.reference}/").content.decode()

        assert "You may approve up to £500.00; this is £600.00." in page
        assert "This goes to Viktor (limit £5,000.00)." in page
        answer = client.post(f"/queue/{route_of(waiting).pk}/escalate/", {"to": "viktor"}, follow=True)
        assert "Viktor is asked to decide" in answer.content.decode()
        assert route_of(waiting).steps.get().asked_of == viktor

    def test_says_when_nobody_could(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir, pounds=600)
        client = Client()
        client.force_login(dana)

        assert "Nobody who is here can approve this." in client.get(f"/requests/{waiting.reference}/").content.decode()

    def test_is_read_only_while_a_colleague_looks(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        lease_step(route=route_of(waiting), actor=viktor, at=timezone.now())
        client = Client()
        client.force_login(dana)

        page = client.get(f"/requests/{waiting.reference}/panel/").content.decode()
        answer = client.post(f"/requests/{waiting.reference}/approve/", {"rationale": ""})

        assert "Viktor is looking at this until" in page
        assert f'action="/requests/{waiting.reference}/approve/"' not in page
        assert answer.status_code == 409


class TestWhoDoesNotWorkForTheTeam:
    def test_finds_no_route_to_hold_or_send_on(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        assign_to_teams(user=dana, teams=[world.team("us-dtc")])
        client = Client()
        client.force_login(fresh(dana))

        for verb in ("lease", "release", "snooze", "wake", "escalate"):
            assert client.post(f"/queue/{route_of(waiting).pk}/{verb}/", {"pause": "1h"}).status_code == 404

    def test_is_sent_nothing(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        give_roles(user=viktor, roles=[])

        with pytest.raises(Refused, match="Viktor cannot decide on this"):
            ask_colleague(route=route_of(waiting), colleague=fresh(viktor), note="", actor=dana, at=NOON)


class TestEvidence:
    def test_says_what_the_viewer_opened_and_keeps_it_with_the_decision(
        self, world: World, amir: User, dana: User
    ) -> None:
        waiting = world.waiting(by=amir)
        files = [
            attach(
                subject=waiting.subject,
                team=world.team(),
                kind="photo",
                file=upload(drawing(size=(64, height))),
                actor=amir,
                at=NOON,
            )
            for height in (48, 40)
        ]
        client = Client()
        client.force_login(dana)
        assert "You opened 0 of 2 files" in client.get(f"/requests/{waiting.reference}/").content.decode()

        client.get(link_to(files[0], viewer=dana))

        page = client.get(f"/requests/{waiting.reference}/").content.decode()
        assert "You opened 1 of 2 files; the record will say so." in page
        assert page.count("<span data-opened>") == 1
        client.post(f"/requests/{waiting.reference}/approve/", {"rationale": ""})
        assert route_of(waiting).decisions.get().evidence_opened == [str(files[0].pk)]
