"""The catalogue of codes: its counts against a recount by hand, its caps, its pages and its file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.codes import Share, Uses, catalogue_of, code_row
from config.kernel.ids import new_id
from config.kernel.money import Money
from policies import cataloguing
from policies.models import CODE_MODELS, ExceptionCode, PolicyDecision, ReasonCode
from policies.vocabulary import CodeKind, CodeState
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.refunds.books import request_in
from tests.refunds.books import team_called as team_of

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.fixture
def sam(world: World) -> User:
    """Sam of quality, who works for all three teams of the world."""
    return settle("sam")


def used(
    team: Team,
    *,
    reason: str = "damaged",
    exception: str = "",
    days_ago: int = 1,
    amount_minor: int = 10_00,
    state: State = State.AWAITING_APPROVAL,
) -> RefundRequest:
    """Submit a request of this team some days ago."""
    made = request_in(
        state,
        team=team,
        amount_minor=amount_minor,
        reason=ReasonCode.objects.get(pk=reason),
        refunded_at=NOW - timedelta(days=days_ago),
    )
    moment = NOW - timedelta(days=days_ago)
    submitted_at = None if state == State.INTAKE else moment
    RefundRequest.objects.filter(pk=made.pk).update(
        created_at=moment, submitted_at=submitted_at, exception_code=exception
    )
    return made


def leaked(world: World, team: str, amount_minor: int, allowed_minor: int, **more: object) -> RefundRequest:
    """Refund a request of which the policy itself allowed so much."""
    made = used(world.team(team), state=State.REFUNDED, amount_minor=amount_minor, **more)  # type: ignore[arg-type]
    decision = PolicyDecision.objects.create(
        version=world.policy(team),
        subject_kind="refund_request",
        subject_id=new_id(),
        category="refund",
        mode="enforce",
        outcome="exception",
        matched_rule="return_window",
        amount_minor=amount_minor,
        allowed_minor=allowed_minor,
        currency=made.currency,
        facts={},
        findings=[],
        decided_at=NOW,
    )
    RefundRequest.objects.filter(pk=made.pk).update(decision=decision)
    return made


def uses_of(viewer: User, kind: CodeKind) -> dict[str, tuple[int, int]]:
    """Say what a viewer's catalogue counts: code to (30 days, 90 days)."""
    rows = catalogue_of(viewer, kind, at=NOW).rows
    return {row.code.code: (row.uses.lately, row.uses.long) for row in rows if row.uses.long}


class TestUses:
    def test_tie_with_a_recount(self, world: World, sam: User) -> None:
        plan = [("damaged", 1), ("damaged", 29), ("damaged", 31), ("damaged", 89), ("damaged", 91), ("other", 2)]
        for reason, days_ago in plan:
            used(world.team(), reason=reason, days_ago=days_ago)
        used(world.team(), reason="other", state=State.INTAKE)

        lately = Counter(reason for reason, days_ago in plan if days_ago <= 30)
        long = Counter(reason for reason, days_ago in plan if days_ago <= 90)
        assert uses_of(sam, CodeKind.REASON) == {code: (lately[code], long[code]) for code in long}

    def test_of_exception_codes_are_exceptions_granted(self, world: World, sam: User) -> None:
        used(world.team())
        used(world.team(), exception="PRORATION")

        assert uses_of(sam, CodeKind.EXCEPTION) == {"PRORATION": (1, 1)}

    def test_are_those_of_the_viewers_teams(self, world: World, sam: User, luis: User) -> None:
        used(world.team("uk-retail"))
        used(world.team("us-dtc"))
        used(team_of("far-away"))

        assert uses_of(sam, CodeKind.REASON) == {"damaged": (2, 2)}
        assert uses_of(luis, CodeKind.REASON) == {"damaged": (1, 1)}

    def test_mark_an_active_code_that_nobody_used_for_90_days(self, world: World, sam: User, root: User) -> None:
        used(world.team(), exception="PRORATION", days_ago=89)
        cataloguing.retire(kind=CodeKind.EXCEPTION, code="NO_RECEIPT", actor=root, at=NOW)

        idle = {row.code.code for row in catalogue_of(sam, CodeKind.EXCEPTION, at=NOW).rows if row.is_idle}

        assert idle == set(ExceptionCode.objects.values_list("pk", flat=True)) - {"PRORATION", "NO_RECEIPT"}


class TestLeakage:
    def test_is_what_the_policy_did_not_allow_in_each_currency_by_itself(self, world: World, sam: User) -> None:
        for team, amount, allowed in (("uk-retail", 50_00, 20_00), ("uk-retail", 7_00, 0), ("eu-saas", 9_00, 0)):
            leaked(world, team, amount, allowed, exception="PRORATION")
        leaked(world, "uk-retail", 80_00, 80_00, exception="PRORATION")
        leaked(world, "uk-retail", 80_00, 0, exception="PRORATION", days_ago=31)
        leaked(world, "uk-retail", 5_00, 0, exception="OTHER")

        rows = {row.code.code: row for row in catalogue_of(sam, CodeKind.EXCEPTION, at=NOW).rows}

        assert rows["PRORATION"].leakage == [Money(9_00, "EUR"), Money(37_00, "GBP")]
        assert rows["OTHER"].leakage == [Money(5_00, "GBP")]
        assert rows["NO_RECEIPT"].leakage == ()
        assert code_row(sam, rows["PRORATION"].code, at=NOW) == rows["PRORATION"]


class TestTheCap:
    @pytest.mark.parametrize(
        ("part", "whole", "is_above", "said"),
        [(5, 100, False, "5.0 %"), (6, 100, True, "6.0 %"), (0, 0, False, "-"), (1, 1, True, "100.0 %")],
    )
    def test_is_passed_only_by_more_than_it(self, part: int, whole: int, said: str, *, is_above: bool) -> None:
        share = Share(code=ExceptionCode(most_share_basis_points=500), days=30, part=part, whole=whole)

        assert (share.is_above, share.said) == (is_above, said)

    def test_counts_other_among_all_uses_of_its_kind(self, world: World, sam: User) -> None:
        for exception, days_ago in (("OTHER", 1), ("PRORATION", 1), ("PRORATION", 1), ("OTHER", 60)):
            used(world.team(), exception=exception, days_ago=days_ago)

        shares = catalogue_of(sam, CodeKind.EXCEPTION, at=NOW).shares

        assert [(share.code.code, share.days, share.part, share.whole) for share in shares] == [
            ("OTHER", 30, 1, 3),
            ("OTHER", 90, 2, 4),
        ]

    def test_is_shown_in_a_word_and_a_shape_when_passed(self, client: Client, world: World, sam: User) -> None:
        used(world.team(), reason="other", exception="OTHER")
        for _ in range(39):
            used(world.team(), reason="damaged")
        client.force_login(sam)

        text = client.get("/insight/codes/").text

        assert '<span class="badge bad">Above the cap</span>' in text
        assert "1 of 1; at most 5 %" in text
        assert '<span class="badge ok">Within the cap</span>' in text
        assert "1 of 40; at most 5 %" in text


class TestTheCatalogue:
    def test_says_everything_of_each_code(self, client: Client, world: World, sam: User) -> None:
        client.force_login(sam)

        for kind, code_kind in (("exception", CodeKind.EXCEPTION), ("reason", CodeKind.REASON)):
            text = client.get("/insight/codes/", {"kind": kind}).text.replace("&#x27;", "'")
            for code in CODE_MODELS[code_kind].objects.all():
                for said in (code.code, code.label, code.owner, code.playbook, code.when_to_use, code.when_not_to_use):
                    assert said in text

    def test_costs_the_same_whatever_it_holds(self, client: Client, world: World, sam: User) -> None:
        client.force_login(sam)
        client.get("/insight/codes/")
        with CaptureQueriesContext(connection) as few:
            client.get("/insight/codes/")

        ExceptionCode.objects.bulk_create(
            ExceptionCode(
                code=f"MADE_UP_{number}",
                label="Made up",
                owner="Quality",
                playbook="None.",
                sla_hours=1,
                leakage_class="fraud",
                state=CodeState.ACTIVE,
            )
            for number in range(40)
        )
        for number in range(5):
            leaked(world, "uk-retail", 5_00, 0, exception=f"MADE_UP_{number}")
        with CaptureQueriesContext(connection) as many:
            answer = client.get("/insight/codes/")

        assert len(many) == len(few)
        assert len(answer.context["rows"]) == 58

    @pytest.mark.parametrize(("count", "warns"), [(9, True), (10, False), (30, False), (31, True)])
    def test_warns_outside_ten_to_thirty(
        self, client: Client, world: World, sam: User, root: User, count: int, *, warns: bool
    ) -> None:
        active = catalogue_of(sam, CodeKind.EXCEPTION, at=NOW).active_count
        for number in range(count - active):
            ExceptionCode.objects.create(
                code=f"MADE_UP_{number}",
                label="Made up",
                owner="Quality",
                playbook="None.",
                sla_hours=1,
                leakage_class="fraud",
                state=CodeState.ACTIVE,
            )
        for code in ExceptionCode.objects.order_by("-code")[: max(active - count, 0)]:
            cataloguing.retire(kind=CodeKind.EXCEPTION, code=code.code, actor=root, at=NOW)
        client.force_login(sam)

        assert (f"{count} exception codes are active." in client.get("/insight/codes/").text) is warns

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"state": "retired"}, {"NO_RECEIPT"}),
            ({"state": "merged"}, {"PRORATION"}),
            ({"q": "renewal"}, {"UNUSED_RENEWAL"}),
            ({"q": "LEGAL"}, {"STATUTORY_WITHDRAWAL"}),
            ({"kind": "reason", "q": "carrier"}, {"damaged", "not_received"}),
            ({"state": "nonsense", "q": "proration"}, {"UNUSED_RENEWAL"}),
            ({"state": "all", "q": "proration"}, {"UNUSED_RENEWAL", "PRORATION"}),
            ({"kind": "nonsense", "q": "no such word"}, set()),
        ],
    )
    def test_is_searched(
        self, client: Client, world: World, sam: User, root: User, query: dict[str, str], found: set[str]
    ) -> None:
        cataloguing.retire(kind=CodeKind.EXCEPTION, code="NO_RECEIPT", actor=root, at=NOW)
        cataloguing.merge_into(kind=CodeKind.EXCEPTION, code="PRORATION", into="UNUSED_RENEWAL", actor=root, at=NOW)
        client.force_login(sam)

        answer = client.get("/insight/codes/", query)

        assert {row["code"].code for row in answer.context["rows"]} == found

    def test_offers_to_add_a_code_to_those_who_may(self, client: Client, world: World, root: User, mei: User) -> None:
        offered = {}
        for person in (root, mei):
            client.force_login(person)
            offered[person.username] = client.get("/insight/codes/").context["add"]

        assert offered == {"root": reverse("admin:policies_exceptioncode_add"), "mei": ""}

    def test_is_marked_alone_in_the_navigation(self, client: Client, world: World, sam: User) -> None:
        client.force_login(sam)

        text = client.get("/insight/codes/").text

        assert text.count('aria-current="page" data-chord') == 1
        assert 'href="/insight/codes/" aria-current="page"' in text


class TestTheFile:
    def test_holds_every_code_and_a_column_for_each_currency(self, client: Client, world: World, sam: User) -> None:
        leaked(world, "uk-retail", 5_00, 0, exception="OTHER")
        leaked(world, "eu-saas", 7_50, 0, exception="PRORATION")
        ExceptionCode.objects.filter(pk="NO_RECEIPT").update(owner="=HYPERLINK(1)")
        client.force_login(sam)

        answer = client.get("/insight/codes/exception.csv")

        rows = {row["Code"]: row for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))}
        assert len(rows) == 18
        assert (rows["OTHER"]["Leakage GBP"], rows["OTHER"]["Leakage EUR"]) == ("5.00", "")
        assert (rows["PRORATION"]["Leakage EUR"], rows["PRORATION"]["Uses in 30 days"]) == ("7.50", "1")
        assert rows["NO_RECEIPT"]["Owner"] == "'=HYPERLINK(1)"
        assert client.get("/insight/codes/nonsense.csv").status_code == 404


class TestOneCode:
    def test_lists_the_requests_that_carry_it_page_by_page(self, client: Client, world: World, sam: User) -> None:
        carrying = {used(world.team(), exception="PRORATION", days_ago=number).reference for number in range(60)}
        used(world.team(), exception="OTHER")
        used(team_of("far-away"), exception="PRORATION")
        client.force_login(sam)
        address, seen = "/insight/codes/exception/PRORATION/", []
        following = ""
        while True:
            answer = client.get(address + following)
            seen += [one.reference for one in answer.context["uses"]]
            following = answer.context["next"]
            if not following:
                break

        assert len(seen) == 60
        assert set(seen) == carrying

    def test_leads_from_a_merged_code_to_its_heir(self, client: Client, world: World, sam: User, root: User) -> None:
        used(world.team(), reason="damaged")
        cataloguing.merge_into(kind=CodeKind.REASON, code="damaged", into="wrong_item", actor=root, at=NOW)
        client.force_login(sam)

        answer = client.get("/insight/codes/reason/damaged/")

        assert 'href="/insight/codes/reason/wrong_item/">Use wrong_item</a>' in answer.text
        assert "merged damaged into wrong_item." in answer.text
        assert len(answer.context["uses"]) == 1

    @pytest.mark.parametrize("address", ["reason/PRORATION", "exception/damaged", "nonsense/damaged"])
    def test_is_404_where_there_is_none(self, client: Client, world: World, sam: User, address: str) -> None:
        client.force_login(sam)

        assert client.get(f"/insight/codes/{address}/").status_code == 404

    def test_adds_up(self) -> None:
        assert Uses(lately=1, long=2) + Uses(lately=3, long=4) == Uses(lately=4, long=6)
