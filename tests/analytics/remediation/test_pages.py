"""The board, an item's page, the review of a month, and the thresholds in the admin site."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import RemediationItem, RemediationRule
from analytics.remediation import rules
from analytics.remediation.effect import run_due_tests
from analytics.remediation.opening import open_by_rule, open_item
from analytics.remediation.selectors import month_of
from evidence.models import LedgerEntry
from policies.models import ExceptionCode
from tests.architecture.asking import client_of
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle

from .stage import CODE, KIND, NOW, an_item, changed, stored, submitted, verifying

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

BOARD = "/insight/remediation/"


def board_of(viewer: User, **query: str) -> str:
    answer = client_of(viewer).get(BOARD, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def spoken(viewer: User, item: RemediationItem, verb: str, **typed: Any) -> Any:
    return client_of(viewer).post(reverse(f"analytics:{verb}", args=[item.pk]), typed)


class TestTheBoard:
    def test_says_the_colour_in_a_word_and_a_shape(self, sam: User) -> None:
        at = timezone.now()
        submitted(12, code=CODE, at=at - timedelta(days=1))
        open_by_rule(at=at)

        shown = board_of(sam)

        assert '<span class="badge bad">Red</span>' in shown
        assert "used 10 times or more in 30 days, and in 5 % of all requests or more" in shown

    @pytest.mark.parametrize(
        ("query", "is_listed"),
        [
            ({}, True),
            ({"owner": "mine"}, True),
            ({"owner": "nobody"}, False),
            ({"state": "closed"}, False),
            ({"state": "all", "colour": "green"}, True),
            ({"code_kind": "reason_code"}, False),
            ({"state": "x", "after": "yesterday", "after_id": "1"}, True),
        ],
    )
    def test_is_narrowed(self, sam: User, query: dict[str, str], is_listed: bool) -> None:  # noqa: FBT001 - a parameter
        an_item(sam, at=timezone.now())

        assert (f">{CODE}</a>" in board_of(sam, **query)) is is_listed

    def test_asks_as_much_for_many_as_for_one(self, sam: User) -> None:
        codes = list(ExceptionCode.objects.filter(state="active").values_list("pk", flat=True))
        counts = []
        for some in (codes[:1], codes[1:]):
            for code in some:
                open_item(kind=KIND, code=code, why="So.", actor=sam, at=NOW)
            client = client_of(sam)
            with CaptureQueriesContext(connection) as asked:
                client.get(BOARD)
            counts.append(len(asked))

        assert counts[0] == counts[1] <= 20

    def test_of_an_auditor_has_no_buttons(self, sam: User) -> None:
        item = an_item(sam)

        assert "Open an item" not in board_of(settle("ada"))
        assert (
            'method="post" action="/insight'
            not in client_of(settle("ada")).get(item.get_absolute_url()).content.decode()
        )


class TestAnItem:
    def test_is_taken_from_the_form_to_its_effect_test_without_javascript(self, sam: User, mei: User) -> None:
        opened = client_of(sam).post(f"{BOARD}open/", {"code": f"{KIND}:{CODE}", "why": "Every day."})
        item = RemediationItem.objects.get()
        assert opened.headers["Location"] == item.get_absolute_url()
        spoken(sam, item, "assign_item", owner=str(sam.pk))
        spoken(sam, item, "find_cause", hypothesis="Thin boxes.")
        spoken(sam, item, "make_change", change="Double walls.", sop_link="https://a.example/sop", sop_version="7")
        spoken(sam, item, "note_on_item", text="Asked packing.")
        assert spoken(sam, item, "attach_to_item", kind="other", file=upload(drawing())).status_code == 302
        assert spoken(sam, item, "propose_closing", note="Fewer.").status_code == 302
        spoken(mei, item, "decline_closing", why="Show the counts.")
        spoken(sam, item, "propose_closing", note="Fewer, see the file.", evidence_link="https://a.example/proof")
        assert spoken(mei, item, "confirm_closing").status_code == 302

        shown = client_of(mei).get(item.get_absolute_url()).content.decode()

        for words in (
            "Thin boxes.",
            "Double walls.",
            "version 7",
            "Asked packing.",
            "Show the counts.",
            "The effect test",
        ):
            assert words in shown
        assert stored(item).state == "verifying"

    def test_keeps_what_was_typed_when_it_is_refused(self, sam: User) -> None:
        item = changed(sam, at=timezone.now())

        answer = spoken(sam, item, "propose_closing", note="Fewer since Monday.")

        assert answer.status_code == 422
        assert "Closing needs a link or a file that proves it." in answer.content.decode()
        assert "Fewer since Monday." in answer.content.decode()

    def test_answers_what_comes_too_late_with_409_and_oneself_with_403(self, sam: User) -> None:
        item = changed(sam, at=timezone.now())
        assert spoken(sam, item, "find_cause", hypothesis="Again.").status_code == 409
        spoken(sam, item, "propose_closing", note="Fewer.", evidence_link="https://a.example/proof")

        assert spoken(sam, item, "confirm_closing").status_code == 403
        assert stored(item).state == "change_made"

    def test_opened_twice_is_refused_on_the_form(self, sam: User) -> None:
        an_item(sam)

        answer = client_of(sam).post(f"{BOARD}open/", {"code": f"{KIND}:{CODE}", "why": "Every day."})

        assert answer.status_code == 422
        assert "is open already" in answer.content.decode()

    def test_links_no_script(self, sam: User) -> None:
        item = changed(sam)

        answer = spoken(sam, item, "propose_closing", note="So.", evidence_link="javascript:alert(1)")

        assert answer.status_code == 422
        assert 'href="javascript' not in answer.content.decode()


class TestTheReview:
    def test_shows_what_was_closed_and_what_came_back(self, sam: User, mei: User) -> None:
        submitted(30, code=CODE)
        item = verifying(sam, mei)
        submitted(99, at=NOW + timedelta(days=3))
        run_due_tests(at=NOW + timedelta(weeks=4))
        again = open_item(kind=KIND, code=CODE, why="Again.", actor=sam, at=NOW + timedelta(weeks=8))
        failed = open_item(kind=KIND, code="NO_RECEIPT", why="So.", actor=sam, at=NOW)
        RemediationItem.objects.filter(pk=failed.pk).update(round=2, reopened_at=NOW + timedelta(weeks=8))

        december, january = (
            month_of(mei, first, at=NOW + timedelta(weeks=9))
            for first in ((NOW + timedelta(weeks=4)).date(), (NOW + timedelta(weeks=8)).date())
        )

        assert (list(december.closed), list(december.came_back)) == ([item], [])
        assert (list(january.closed), list(january.came_back)) == ([], [again, failed])
        assert list(january.opened) == [again]

    @pytest.mark.parametrize("month", ["", "2026-11", "2026-13", "0001-01", "9999-12", "x"])
    def test_answers_any_month(self, sam: User, month: str) -> None:
        assert client_of(sam).get(f"{BOARD}review/", {"month": month}).status_code == 200


class TestTheThresholds:
    def test_are_set_in_the_admin_site_on_record(self) -> None:
        root = client_of(settle("root"))
        typed = {"code_kind": KIND, **rules.STANDARD[KIND], "frequent_count": 40}

        answer = root.post("/admin/analytics/remediationrule/add/", typed)

        assert answer.status_code == 302, answer.content.decode()
        assert RemediationRule.objects.get().frequent_count == 40
        assert "frequent count 40 (was 100)" in LedgerEntry.objects.get(kind="remediation_rule.set").sentence

    def test_that_make_no_sense_are_shown_again(self) -> None:
        typed = {"code_kind": KIND, **rules.STANDARD[KIND], "amber_share_basis_points": 9_000}

        answer = client_of(settle("root")).post("/admin/analytics/remediationrule/add/", typed)

        assert answer.status_code == 200
        assert not RemediationRule.objects.exists()
