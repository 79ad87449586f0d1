"""Items open by rule where a code is red or frequent, and by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from analytics.models import RemediationItem
from analytics.remediation import rules
from analytics.remediation.measuring import Use, colour_of
from analytics.remediation.opening import open_by_rule, open_item
from analytics.remediation.vocabulary import Colour
from config.kernel.ids import new_id
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from policies.models import ExceptionCode
from tests.harness.people import settle

from .stage import CODE, KIND, NOW, an_item, stored, submitted

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


class TestTheRule:
    def test_opens_an_item_for_a_red_code_with_what_the_catalogue_says(self) -> None:
        submitted(88)
        submitted(12, code=CODE)

        assert open_by_rule(at=NOW) == 1

        item, code = RemediationItem.objects.get(), ExceptionCode.objects.get(pk=CODE)
        assert (item.code, item.owner_team, item.playbook) == (CODE, code.owner, code.playbook)
        assert (item.state, item.colour, item.opened_by) == ("open", "red", None)
        assert (item.use_count, item.request_count) == (12, 100)
        assert item.due_at == NOW + timedelta(days=5)
        entry = LedgerEntry.objects.get(kind="remediation_item.opened", subject_id=item.pk)
        assert entry.machine == "quality watch"
        assert entry.sentence == f"opened a remediation item for {CODE}, which Logistics answers for."

    def test_opens_one_item_a_code_however_often_it_looks(self) -> None:
        submitted(20, code=CODE)

        assert [open_by_rule(at=NOW), open_by_rule(at=NOW + timedelta(hours=1))] == [1, 0]

    def test_opens_an_item_for_a_frequent_code_that_is_green(self) -> None:
        seldom = {**rules.STANDARD[KIND], "least_count": 4, "frequent_count": 4}
        rules.set_rule(kind=KIND, thresholds=seldom, actor=settle("root"), at=NOW)
        submitted(296)
        submitted(4, code=CODE)

        assert open_by_rule(at=NOW) == 1
        assert RemediationItem.objects.get().colour == Colour.GREEN

    def test_leaves_alone_what_was_used_too_seldom_or_too_long_ago(self) -> None:
        submitted(9, code=CODE)
        submitted(50, code="WINDOW_EXPIRED", at=NOW - timedelta(days=31))

        assert open_by_rule(at=NOW) == 0

    def test_leaves_alone_what_no_work_of_ours_makes_rarer(self) -> None:
        submitted(50, code="STATUTORY_WITHDRAWAL")

        assert open_by_rule(at=NOW) == 0

    def test_counts_anew_what_stands(self, sam: User) -> None:
        item = an_item(sam)
        submitted(30, code=CODE)

        open_by_rule(at=NOW + timedelta(hours=1))

        found = stored(item)
        assert (found.colour, found.use_count, found.counted_at) == ("red", 30, NOW + timedelta(hours=1))

    @pytest.mark.parametrize(
        ("use", "colour"),
        [
            (Use(count=9, of=10), "green"),
            (Use(count=10, of=501), "green"),
            (Use(count=10, of=500), "amber"),
            (Use(count=25, of=501), "amber"),
            (Use(count=25, of=500), "red"),
            (Use(count=10, of=9_999, leaked={"GBP": 99}, refunded={"GBP": 10_000}), "green"),
            (Use(count=10, of=9_999, leaked={"GBP": 100}, refunded={"GBP": 10_000}), "amber"),
            (Use(count=10, of=9_999, leaked={"EUR": 1, "GBP": 200}, refunded={"EUR": 900, "GBP": 10_000}), "red"),
            (Use(count=10, of=9_999, leaked={"GBP": 1}, refunded={}), "green"),
        ],
    )
    def test_colours_by_share_of_requests_or_of_money(self, use: Use, colour: str) -> None:
        assert colour_of(use, rules.rule_of(KIND)) == colour


class TestThresholds:
    def test_are_set_by_administrators_on_record(self, sam: User) -> None:
        root = settle("root")
        wanted = {**rules.STANDARD[KIND], "frequent_count": 12, "least_count": 12}

        rules.set_rule(kind=KIND, thresholds=wanted, actor=root, at=NOW)

        entry = LedgerEntry.objects.get(kind="remediation_rule.set")
        assert "frequent count 12 (was 100)" in entry.sentence
        submitted(988)
        submitted(12, code=CODE)
        assert open_by_rule(at=NOW) == 1
        with pytest.raises(NotPermitted):
            rules.set_rule(kind=KIND, thresholds=wanted, actor=sam, at=NOW)

    def test_make_sense_or_are_refused(self) -> None:
        wanted = {**rules.STANDARD[KIND], "amber_share_basis_points": 600}

        with pytest.raises(Refused, match="Amber comes before red"):
            rules.set_rule(kind=KIND, thresholds=wanted, actor=settle("root"), at=NOW)

        assert rules.rule_of(KIND).pk is None


class TestByHand:
    def test_an_item_is_opened_for_any_code(self, sam: User) -> None:
        item = open_item(kind="reason_code", code="damaged", why="Three calls today.", actor=sam, at=NOW)

        assert (item.code, item.opened_by, item.finding) == ("damaged", sam, "Three calls today.")

    @pytest.mark.parametrize(
        ("words", "refusal"),
        [
            ({"code": "NEVER_HEARD_OF"}, "unknown_code"),
            ({"kind": "colour"}, "unknown_code"),
            ({"why": "  "}, "note_missing"),
            ({"why": "4242 4242 4242 4242"}, "card_number_in_text"),
        ],
    )
    def test_is_refused_what_is_no_item(self, sam: User, words: dict[str, str], refusal: str) -> None:
        with pytest.raises(Refused) as no:
            open_item(**{"kind": KIND, "code": CODE, "why": "So.", **words}, actor=sam, at=NOW)

        assert no.value.code == refusal
        assert not RemediationItem.objects.exists()

    def test_is_refused_while_another_of_the_code_stands(self, sam: User) -> None:
        an_item(sam)

        with pytest.raises(Refused) as no:
            an_item(sam)

        assert no.value.code == "already_open"
        assert RemediationItem.objects.count() == 1

    def test_the_database_keeps_a_second_one_away(self, sam: User) -> None:
        item = an_item(sam)
        item.pk = new_id()

        with pytest.raises(IntegrityError, match="one_open_item_per_code"), transaction.atomic():
            item.save(force_insert=True)

    def test_needs_the_right_and_a_person(self) -> None:
        for name in ("amir", "ada", "bot"):
            with pytest.raises(NotPermitted):
                open_item(kind=KIND, code=CODE, why="So.", actor=settle(name), at=NOW)

    def test_statutory_codes_may_be_looked_at_by_people(self, sam: User) -> None:
        item = open_item(kind=KIND, code="STATUTORY_WITHDRAWAL", why="So.", actor=sam, at=NOW)

        assert stored(item).state == "open"
