"""The list of breaks, one of them, and what people do there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from refunds.breaks.opening import Disagreement, open_breaks
from refunds.breaks.vocabulary import BreakState
from refunds.models import Break
from refunds.vocabulary import LineResult
from tests.architecture.asking import client_of
from tests.evidence.builders import drawing, upload
from tests.refunds.books import paid, person_with, team_called
from tests.refunds.journal.lines import line_of

from .found import a_break

if TYPE_CHECKING:
    from config.kernel.people import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("up_to_ten_pounds")]

LIST = "/reconciliation/breaks/"


def page_of(person: User, found: Break) -> str:
    return client_of(person).get(found.get_absolute_url()).content.decode()


def spoken(person: User, found: Break, verb: str, **words: Any) -> Any:
    return client_of(person).post(reverse(f"refunds:{verb}_break", args=[found.pk]), words)


def many(count: int) -> None:
    """Find so many at once."""
    lines = [line_of("refund", -100 - n, result=LineResult.UNMATCHED) for n in range(count)]
    found = [
        Disagreement(id=line.break_id, kind="ungoverned", finding="Nobody.", amount_minor=line.gross_minor, line=line)
        for line in lines
    ]
    open_breaks(found, account="stripe", at=timezone.now())


class TestTheList:
    def test_shows_what_stands_with_its_promise(self, lena: User) -> None:
        found = a_break(-5_00)

        shown = client_of(lena).get(LIST).content.decode()

        assert found.reference in shown
        assert "We never made it" in shown
        assert "-£5.00" in shown

    def test_never_adds_currencies_up(self, lena: User) -> None:
        a_break(-5_00)
        a_break(-7_00, currency="EUR")
        a_break(2_00, currency="EUR", category="refund_failure")

        sums = client_of(lena).get(LIST).context["sums"]

        assert [(str(one.more_left), str(one.less_left), one.count) for one in sums] == [
            ("€7.00", "€2.00", 2),
            ("£5.00", "£0.00", 1),
        ]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("", 2), ("state=resolved", 1), ("state=all", 3), ("state=overdue", 2), ("kind=double", 0),
            ("kind=ungoverned", 2), ("owner=nobody", 2), ("owner=mine", 0), ("age=week", 0), ("currency=EUR", 1),
            ("account=stripe&currency=GBP", 1), ("state=nonsense&kind=nonsense", 2),
        ],
    )  # fmt: skip
    def test_is_narrowed(self, lena: User, query: str, count: int) -> None:
        a_break(-5_00)
        a_break(-6_00, currency="EUR")
        spoken(lena, a_break(-7_00), "resolve", resolution="accept", note="By hand.")
        long_ago = timezone.now() - timedelta(days=40)
        Break.objects.update(happened_at=long_ago, due_at=long_ago)

        assert len(client_of(lena).get(f"{LIST}?{query}").context["rows"]) == count

    def test_goes_on_with_another_page_and_the_same_queries(self, lena: User) -> None:
        many(5)
        client = client_of(lena)
        client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST)
        many(60)
        with CaptureQueriesContext(connection) as more:
            first = client.get(LIST)

        second = client.get(LIST + first.context["next"])
        seen = [row.pk for row in [*first.context["rows"], *second.context["rows"]]]
        assert len(set(seen)) == len(seen) == 65
        assert second.context["next"] == ""
        assert len(more) == len(few)

    def test_hides_what_is_another_teams(self, lena: User) -> None:
        theirs = a_break(-2219, operation_ref=str(paid(team=team_called("south")).pk))

        assert client_of(lena).get(LIST).context["rows"] == []
        assert client_of(lena).get(theirs.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("words", [{"breaks": []}, {"resolution": "write_off"}])
    def test_writes_nothing_off_in_heaps(self, lena: User, words: dict[str, Any]) -> None:
        found = a_break(-5_00)

        answer = client_of(lena).post(reverse("refunds:resolve_breaks"), {"breaks": [found.pk], "note": "No.", **words})

        assert answer.status_code == 422
        assert Break.objects.get().state == BreakState.OPEN

    def test_calls_several_timing_at_once(self, lena: User) -> None:
        small, large = a_break(-5_00), a_break(-50_00)

        client_of(lena).post(
            reverse("refunds:resolve_breaks"), {"breaks": [small.pk, large.pk], "note": "Next payout."}
        )

        assert dict(Break.objects.values_list("pk", "state")) == {small.pk: "resolved", large.pk: "proposed"}


class TestOne:
    def test_shows_both_sides(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        found = a_break(-2200, operation_ref=str(operation.pk))

        shown = page_of(lena, found)

        assert "-£22.00" in shown
        assert "£22.20" in shown
        assert operation.refund_request.reference in shown
        assert "Resolve £0.20" in shown

    def test_is_resolved_by_one_or_waits_for_another(self, lena: User, luis: User) -> None:
        found = a_break(-50_00)
        assert spoken(lena, found, "resolve", resolution="fee", note="Their fee.").status_code == 302
        assert "Somebody else of finance agrees" in page_of(lena, found)
        assert spoken(lena, found, "confirm").status_code == 403
        assert "Agree to -£50.00" in page_of(luis, found)

        assert spoken(luis, found, "confirm").status_code == 302

        assert Break.objects.get(pk=found.pk).state == BreakState.RESOLVED
        assert spoken(luis, found, "confirm").status_code == 409

    @pytest.mark.parametrize("words", [{}, {"resolution": "accept"}, {"resolution": "matched", "note": "No."}])
    def test_keeps_what_was_typed_when_it_is_refused(self, lena: User, words: dict[str, str]) -> None:
        found = a_break(-5_00)

        answer = spoken(lena, found, "resolve", **words)

        assert answer.status_code == 422
        assert Break.objects.get(pk=found.pk).state == BreakState.OPEN

    def test_is_taken_said_about_proved_declined_and_opened_again(self, lena: User, luis: User) -> None:
        found = a_break(-50_00)
        assert spoken(lena, found, "assign", owner=str(luis.pk)).status_code == 302
        client = client_of(lena)
        client.post(reverse("refunds:comment_on_break", args=[found.pk]), {"text": "Asked them."})
        answer = client.post(
            reverse("refunds:attach_to_break", args=[found.pk]), {"kind": "other", "file": upload(drawing())}
        )
        assert answer.status_code == 302, answer.content.decode()
        spoken(lena, found, "resolve", resolution="accept", note="By hand.")
        assert spoken(luis, found, "decline", why="Show me.").status_code == 302
        spoken(lena, found, "resolve", resolution="accept", note="By hand, see the file.")
        spoken(luis, found, "confirm")
        assert spoken(lena, found, "reopen", why="It came back.").status_code == 302

        shown = page_of(luis, found)
        for words in ("Asked them.", "Show me.", "It came back.", "gave the break to luis.", "2 times"):
            assert words in shown
        assert "No files were added" not in shown

    def test_of_an_auditor_has_no_buttons(self, north: Team) -> None:
        ada = person_with("ada", "refunds.view_break", teams=(north,))
        found = a_break(-5_00)

        shown = page_of(ada, found)

        assert "<textarea" not in shown
        assert spoken(ada, found, "resolve", resolution="accept", note="No.").status_code == 403

    def test_costs_the_same_however_much_was_said(self, lena: User) -> None:
        found = a_break(-5_00)
        client = client_of(lena)
        client.get(found.get_absolute_url())
        with CaptureQueriesContext(connection) as few:
            client.get(found.get_absolute_url())
        for _ in range(5):
            client.post(reverse("refunds:comment_on_break", args=[found.pk]), {"text": "Again."})
        client.get(found.get_absolute_url())
        with CaptureQueriesContext(connection) as more:
            client.get(found.get_absolute_url())

        assert len(more) == len(few)
