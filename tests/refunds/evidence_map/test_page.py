"""The page of the evidence map, and its file."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.urls import reverse
from django.utils import timezone

from policies import cataloguing as codes
from policies.vocabulary import CodeKind
from refunds.models import RefundRequest
from refunds.views.evidence_map import first_of
from tests.admin.desk import desk_of
from tests.harness.world import NOON

from .demands import WHY, demanded, proved

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from refunds.evidence_map.page import Row
    from tests.harness.world import World

pytestmark = pytest.mark.django_db
PAGE = "refunds:evidence_map"


def rows_of(viewer: User, **query: str) -> dict[str, Row]:
    answer = desk_of(viewer).get(reverse(PAGE), query)
    assert answer.status_code == 200
    return {row.point.value: row for row in answer.context["rows"]}


def asked_at(row: Row) -> list[tuple[str, str, str, str]]:
    return [(one.artifacts, one.when, one.origin, one.strength) for one in row.asked]


def decided(world: World, by: User, approver: User) -> RefundRequest:
    approved = world.approved(by=by, approver=approver)
    RefundRequest.objects.filter(pk=approved.pk).update(decided_at=timezone.now())
    return approved


class TestTheMap:
    def test_shows_every_point_with_what_it_creates(self, world: World, ada: User) -> None:
        rows = rows_of(ada)

        assert list(rows) == [
            "request",
            "exception",
            "approval",
            "policy_change",
            "emergency_change",
            "payout",
            "message",
            "remediation_closure",
        ]
        assert rows["payout"].creates == "Execution record, Copy of the message"
        assert rows["message"].creates == (
            "Copy of the message, Review of the message, Edition the message was written from"
        )
        assert not rows["message"].told.may_need
        assert "once somebody else has read it" in rows["message"].told.asked_by

    def test_shows_demands_with_their_origin_and_strength(self, world: World, ada: User) -> None:
        demanded("request", "receipt", reason="damaged")

        asked = asked_at(rows_of(ada)["request"])

        assert asked[0] == ("Receipt", "reason “damaged”", "Catalogue", "Gate")
        version = str(world.policy())
        assert ("Photo", "uk-retail, reason “damaged”, above £100.00", version, "Gate") in asked
        assert ("Photo", "reason “damaged”", "Reason damaged", "Only asked") in asked
        assert {strength for *_, origin, strength in asked if origin == str(world.policy("eu-saas"))} <= {
            "Watched in shadow"
        }

    def test_says_that_what_a_code_names_is_a_gate_once_the_catalogue_demands_it(self, world: World, ada: User) -> None:
        def of_late_delivery() -> list[tuple[str, str]]:
            asked = asked_at(rows_of(ada, exception_code="LATE_DELIVERY")["exception"])
            return [(origin, strength) for _, _, origin, strength in asked]

        assert of_late_delivery() == [("Exception code LATE_DELIVERY", "Only asked")]
        demanded("exception", "carrier_proof", exception_code="LATE_DELIVERY")

        assert of_late_delivery() == [("Catalogue", "Gate")]

    def test_is_narrowed_by_reason_in_the_address(self, world: World, ada: User) -> None:
        demanded("request", "receipt", reason="damaged")
        demanded("request", "bank_proof", reason="duplicate_charge")
        demanded("request", "customer_statement")

        asked = asked_at(rows_of(ada, reason="damaged")["request"])

        assert [artifacts for artifacts, _, origin, _ in asked if origin == "Catalogue"] == [
            "What the customer says",
            "Receipt",
        ]
        assert not any("duplicate" in when for _, when, _, _ in asked)

    def test_leaves_out_what_is_switched_off_or_of_another_team(self, world: World, asha: User, ada: User) -> None:
        demanded("approval", "receipt", is_active=False)
        demanded("approval", "photo", team_id=world.team().pk)

        assert [one.artifacts for one in rows_of(ada)["approval"].asked] == ["Photo"]
        assert asha.groups.exists()

    def test_flags_a_retired_code_and_refuses_an_unknown_one_in_a_sentence(
        self, world: World, root: User, ada: User
    ) -> None:
        demanded("request", "receipt", reason="damaged")
        codes.retire(kind=CodeKind.REASON, code="damaged", actor=root, at=NOON)

        shown = desk_of(ada).get(reverse(PAGE), {"reason": "damaged", "exception_code": "NONSENSE"}).text

        assert "damaged is retired" in shown
        assert "There is no exception code “NONSENSE”." in shown

    def test_links_to_the_catalogue_for_who_may_open_it(self, world: World, root: User, ada: User) -> None:
        kept = demanded()
        address = reverse("admin:evidence_evidencerequirement_change", args=[kept.pk])

        assert address in desk_of(root).get(reverse(PAGE)).text
        assert address not in desk_of(ada).get(reverse(PAGE)).text
        assert reverse(PAGE) in desk_of(ada).get("/").text
        assert WHY in desk_of(ada).get(reverse(PAGE)).text

    def test_asks_the_same_for_many_as_for_one(
        self, world: World, amir: User, dana: User, ada: User, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        desk = desk_of(ada)
        for _ in range(3):
            decided(world, amir, dana)
        for artifact in ("receipt", "photo", "rationale"):
            demanded("approval", artifact)
        desk.get(reverse(PAGE))

        with django_assert_max_num_queries(22):
            desk.get(reverse(PAGE))


class TestCompleteness:
    def test_is_shown_by_point_and_by_team_and_month(self, world: World, amir: User, dana: User, ada: User) -> None:
        proved(decided(world, amir, dana), amir)
        decided(world, amir, dana)
        demanded("request", "receipt")

        answer = desk_of(ada).get(reverse(PAGE))

        counted = {row.point.value: row.counted for row in answer.context["rows"] if row.counted}
        assert (counted["request"].held_count, counted["request"].needed_count) == (3, 4)
        assert "3 of 4 artifacts of 2 requests" in answer.text
        assert "5 of 6, 83 %" in answer.text
        assert "Incomplete" in answer.text

    def test_is_handed_out_with_its_query_count_and_hash(self, world: World, amir: User, dana: User, ada: User) -> None:
        decided(world, amir, dana)

        answer = desk_of(ada).get(reverse(PAGE), {"format": "csv", "reason": "changed_mind"})

        text = b"".join(cast("Any", answer).streaming_content).decode()
        *above, last = text.splitlines(keepends=True)
        month = f"{timezone.now():%Y-%m}"
        assert above[1] == f"{month},uk-retail,1,1,2,2,100 %\r\n"
        assert "Query,/evidence-map/?format=csv&reason=changed_mind\r\n" in above
        assert "Rows,1\r\n" in above
        assert last == f"SHA-256 of all above,{hashlib.sha256(''.join(above).encode()).hexdigest()}\r\n"

    def test_reaches_six_months_back(self) -> None:
        assert (first_of(NOON, back=0).month, first_of(NOON, back=5).month) == (11, 6)
        assert first_of(NOON - timedelta(days=300), back=5).isoformat() == "2025-08-01T00:00:00+00:00"
