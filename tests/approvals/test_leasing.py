"""A hold is given to whoever may decide, ends by itself, and keeps the others' hands off for so long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from approvals.delegation_rules import Offer
from approvals.models import ApprovalRoute, ApprovalStep, AuthorityLimit, Delegation
from approvals.queue_view import QueueView
from approvals.services import leasing
from approvals.services.delegating import accept_delegation, end_delegation, offer_delegation
from approvals.services.leasing import LEASE, MOST_HELD, check_not_held, claim_next, lease_step, release_step
from approvals.vocabulary import Verdict
from config.kernel.people import give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import workflow
from tests.harness.people import by_decree, fresh
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."


def route_of(refund_request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.get(reference=refund_request.reference)


class TestAHold:
    def test_keeps_others_away_for_a_quarter_of_an_hour(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        route = route_of(world.waiting(by=amir))
        lease_step(route=route, actor=dana, at=NOON)

        with pytest.raises(OutOfDate, match="Dana is looking at this until 12:15 UTC"):
            lease_step(route=route, actor=viktor, at=NOON + LEASE - timedelta(seconds=1))
        assert lease_step(route=route, actor=viktor, at=NOON + LEASE).leased_by == viktor

    def test_is_renewed_by_whoever_has_it(self, world: World, amir: User, dana: User) -> None:
        route = route_of(world.waiting(by=amir))
        lease_step(route=route, actor=dana, at=NOON)

        again = lease_step(route=route, actor=dana, at=NOON + timedelta(minutes=5))

        assert again.leased_until == NOON + timedelta(minutes=20)

    def test_is_not_given_to_whoever_may_not_decide(self, world: World, amir: User, dana: User, viktor: User) -> None:
        own, above = route_of(world.waiting(by=viktor)), route_of(world.waiting(by=amir, pounds=600))

        with pytest.raises(NotPermitted):
            lease_step(route=own, actor=viktor, at=NOON)
        with pytest.raises(NotPermitted):
            lease_step(route=above, actor=dana, at=NOON)
        assert not ApprovalStep.objects.filter(leased_by__isnull=False).exists()

    def test_is_not_given_to_whoever_signed_already(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        ApprovalStep.objects.filter(route=route_of(waiting)).update(quorum=2)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=dana, at=NOON)

        with pytest.raises(NotPermitted, match="decided on this request before"):
            lease_step(route=route_of(waiting), actor=fresh(dana), at=NOON)

    def test_is_shared_where_several_sign(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route = route_of(world.waiting(by=amir))
        ApprovalStep.objects.filter(route=route).update(quorum=2)
        lease_step(route=route, actor=dana, at=NOON)

        check_not_held(route=route, actor=viktor, at=NOON)
        assert lease_step(route=route, actor=viktor, at=NOON).leased_by == viktor

    def test_ends_with_the_decision(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        lease_step(route=route_of(waiting), actor=dana, at=NOON)

        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        assert route_of(waiting).steps.get().leased_by is None

    def test_is_given_back_by_whoever_has_it_alone(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route = route_of(world.waiting(by=amir))
        lease_step(route=route, actor=dana, at=NOON)

        release_step(route=route, actor=viktor)
        assert route.steps.get().leased_by == dana
        release_step(route=route, actor=dana)
        assert route.steps.get().leased_by is None

    @pytest.mark.parametrize("verb", ["approve", "decline"])
    def test_of_another_is_respected_by_the_api(
        self, world: World, amir: User, dana: User, viktor: User, verb: str
    ) -> None:
        waiting = world.waiting(by=amir)
        lease_step(route=route_of(waiting), actor=viktor, at=timezone.now())
        client = Client()
        client.force_login(dana)

        answer = client.post(
            f"/api/v1/refund-requests/{waiting.reference}/{verb}", {"rationale": WHY}, content_type="application/json"
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "out_of_date")


class TestAStepAmongSeveral:
    @pytest.fixture
    def both(self, world: World, amir: User, viktor: User) -> tuple[ApprovalStep, ApprovalStep]:
        """Let one route wait for an approver and a manager at once."""
        route = route_of(world.waiting(by=amir))
        first = route.steps.get()
        second = ApprovalStep.objects.create(
            route=route, level=1, place=1, role="manager", state="open", sla_hours=4, due_at=first.due_at
        )
        ApprovalRoute.objects.filter(pk=route.pk).update(open_roles=["approver", "manager"])
        return first, second

    def test_is_listed_first_for_whoever_signs_it(
        self, both: tuple[ApprovalStep, ApprovalStep], dana: User, viktor: User
    ) -> None:
        give_roles(user=viktor, roles=["manager"])

        assert [(row["id"], row["role"]) for row in self._rows(dana)] == [(str(both[0].pk), "approver")]
        assert [(row["id"], row["role"]) for row in self._rows(viktor)] == [(str(both[1].pk), "manager")]

    def test_is_held_and_given_back_by_itself(
        self, both: tuple[ApprovalStep, ApprovalStep], dana: User, viktor: User
    ) -> None:
        give_roles(user=viktor, roles=["approver", "manager"])
        held = self._post(viktor, both[1], "lease")

        assert (held.status_code, held.json()["id"], held.json()["leased_by"]) == (200, str(both[1].pk), "viktor")
        assert self._post(dana, both[1], "lease").status_code == 403
        assert self._post(dana, both[0], "lease").json()["leased_by"] == "dana"
        assert self._post(viktor, both[0], "release").json()["leased_by"] == "dana"
        assert self._post(viktor, both[1], "release").json()["leased_by"] is None

    def _rows(self, who: User) -> list[dict[str, object]]:
        client = Client()
        client.force_login(who)
        rows: list[dict[str, object]] = client.get("/api/v1/approvals?mine=true").json()["results"]
        return rows

    def _post(self, who: User, step: ApprovalStep, verb: str) -> Any:
        client = Client()
        client.force_login(who)
        return client.post(f"/api/v1/approvals/{step.pk}/{verb}", content_type="application/json")


class TestAClaim:
    def test_takes_the_oldest_promise_one_may_decide(self, world: World, amir: User, dana: User) -> None:
        above = world.waiting(by=amir, pounds=600, at=NOON - timedelta(hours=3))
        own = world.waiting(by=dana, pounds=100, at=NOON - timedelta(hours=2))
        older = world.waiting(by=amir, pounds=100, at=NOON - timedelta(hours=1))
        newer = world.waiting(by=amir, pounds=100)

        claimed = [claim_next(wanted=QueueView(tab=tab), actor=fresh(dana), at=NOON) for tab in ("all", "mine", "mine")]

        assert [route and route.reference for route in claimed] == [older.reference, newer.reference, None]
        assert not {above.reference, own.reference} & {route.reference for route in claimed if route}

    def test_takes_what_her_day_still_has_room_for(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(daily_minor=500_00)
        first, large, small = (world.waiting(by=amir, pounds=pounds) for pounds in (430, 100, 60))
        workflow.decide(reference=first.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(dana), at=NOON)

        claimed = claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON)

        assert claimed is not None
        assert claimed.reference == small.reference
        assert claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON) is None
        assert leasing.day_is_full(wanted=QueueView(), actor=fresh(dana), at=NOON)
        again = claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON + timedelta(days=1))
        assert again is not None
        assert again.reference == large.reference

    def test_stays_within_the_view(self, world: World, amir: User, mei: User, dana: User) -> None:
        world.waiting(by=amir)
        wanted = world.waiting(by=mei)

        claimed = claim_next(wanted=QueueView(agent="mei"), actor=dana, at=NOON)

        assert claimed is not None
        assert claimed.reference == wanted.reference

    def test_reaches_past_what_others_decide(
        self, world: World, amir: User, dana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leasing, "MOST_TRIED", 2)
        for hour in range(3):
            world.waiting(by=dana, at=NOON - timedelta(hours=3 - hour))
        wanted = world.waiting(by=amir)

        claimed = claim_next(wanted=QueueView(tab="all"), actor=fresh(dana), at=NOON)

        assert claimed is not None
        assert claimed.reference == wanted.reference

    def test_gives_what_several_sign_to_each_of_them_once(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        route = route_of(world.waiting(by=amir))
        ApprovalStep.objects.filter(route=route).update(quorum=2)

        claimed = [claim_next(wanted=QueueView(), actor=fresh(who), at=NOON) for who in (dana, dana, viktor)]

        assert claimed == [route, None, route]

    def test_passes_by_what_somebody_holds(self, world: World, amir: User, dana: User, viktor: User) -> None:
        first, second = world.waiting(by=amir), world.waiting(by=amir)
        mine, hers = (claim_next(wanted=QueueView(), actor=who, at=NOON) for who in (dana, viktor))

        assert mine is not None
        assert hers is not None
        assert {mine.reference, hers.reference} == {first.reference, second.reference}
        assert claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON) is None

    def test_is_refused_to_whoever_holds_too_many(self, world: World, amir: User, dana: User) -> None:
        for _ in range(MOST_HELD):
            world.waiting(by=amir, pounds=60)
            claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON)

        with pytest.raises(Refused, match=f"You hold {MOST_HELD} already"):
            claim_next(wanted=QueueView(), actor=fresh(dana), at=NOON)

    def test_leads_to_the_request_and_from_it_to_the_next(self, world: World, amir: User, dana: User) -> None:
        first, second = world.waiting(by=amir), world.waiting(by=amir)
        client = Client()
        client.force_login(dana)

        page = client.post("/queue/next/", {"back": "/queue/?view=mine"}, headers={"HX-Request": "true"}, follow=True)
        shown = page.content.decode()
        references = [first.reference, second.reference]
        here = next(reference for reference in references if f'row-{reference}"' in shown)
        back = "/queue/?view=mine&claim=1"
        after = client.post(
            f"/requests/{here}/approve/", {"back": back, "rationale": ""}, headers={"HX-Request": "true"}
        )

        (other,) = set(references) - {here}
        assert f'row-{other}"' in after.content.decode()
        assert ApprovalStep.objects.get(route__reference=other).leased_by == dana

    def test_goes_on_without_holding_once_too_many_are_held(self, world: World, amir: User, dana: User) -> None:
        for _ in range(MOST_HELD):
            world.waiting(by=amir, pounds=60)
            claim_next(wanted=QueueView(), actor=fresh(dana), at=timezone.now())
        decided = world.waiting(by=amir, pounds=60)
        client = Client()
        client.force_login(dana)

        answer = client.post(
            f"/requests/{decided.reference}/approve/",
            {"back": "/queue/?view=mine&claim=1", "rationale": ""},
            headers={"HX-Request": "true"},
        )

        assert answer.status_code == 200
        assert "All clear" not in answer.content.decode()
        assert route_of(decided).state == "approved"

    def test_is_the_last_when_she_says_so(self, world: World, amir: User, dana: User) -> None:
        decided, other = world.waiting(by=amir), world.waiting(by=amir)
        client = Client()
        client.force_login(dana)
        back = "/queue/?view=mine&claim=1"
        panel = client.get(f"/requests/{decided.reference}/panel/", {"back": back}, headers={"HX-Request": "true"})
        assert "Claim no more after this one" in panel.content.decode()

        answer = client.post(
            f"/requests/{decided.reference}/approve/",
            {"back": back, "rationale": "", "stop_claiming": "1"},
            headers={"HX-Request": "true"},
        )

        shown = answer.content.decode()
        assert f'row-{other.reference}"' in shown
        assert "Claim no more after this one" not in shown
        assert not ApprovalStep.objects.filter(leased_by=dana).exists()

    def test_says_when_nothing_is_left(self, world: World, dana: User) -> None:
        client = Client()
        client.force_login(dana)

        answer = client.post("/queue/next/", {"back": "/queue/?view=mine"}, follow=True)

        assert "Nothing in this view waits for you" in answer.content.decode()


class TestAHoldInTheNameOfAnother:
    def _held(self, world: World, amir: User, dana: User, viktor: User) -> tuple[ApprovalRoute, Delegation]:
        give_roles(user=viktor, roles=["manager"])
        route = route_of(world.waiting(by=amir))
        ApprovalStep.objects.filter(route=route).update(role="manager")
        route.current_role, route.open_roles = "manager", ["manager"]
        route.save()
        offer = Offer(lent_to=dana, from_at=NOON, until_at=NOON + timedelta(minutes=5))
        lent = offer_delegation(offer=offer, actor=fresh(viktor), at=NOON)
        accept_delegation(delegation_id=lent.pk, actor=dana, at=NOON)
        lease_step(route=route, actor=fresh(dana), at=NOON)
        return route, lent

    def test_lasts_no_longer_than_the_delegation(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route, lent = self._held(world, amir, dana, viktor)

        assert route.steps.get().leased_until == lent.until_at

    def test_ends_with_the_delegation(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route, lent = self._held(world, amir, dana, viktor)
        of_her_own = route_of(world.waiting(by=amir))
        lease_step(route=of_her_own, actor=fresh(dana), at=NOON)

        end_delegation(delegation_id=lent.pk, actor=fresh(viktor), at=NOON)

        check_not_held(route=route, actor=fresh(viktor), at=NOON)
        assert route.steps.get().leased_by is None
        assert of_her_own.steps.get().leased_by == dana
