"""What people type: read to the penny, or given back with a sentence beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from config.kernel.refusals import Refused
from refunds import drafting
from refunds.forms import DecisionForm, IntakeForm
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order, OrderLine
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


class TestTheIntakeForm:
    def test_reads_lines_amounts_and_shipping_to_the_penny(self, world: World) -> None:
        order = world.order(line_count=2, shipping_minor=5_00)
        first, second = _lines(order)

        draft = IntakeForm.from_post(
            order,
            {
                f"quantity_{first.pk}": " 2 ",
                f"amount_{first.pk}": "12.34",
                f"quantity_{second.pk}": "0",
                "shipping": "4.95",
                "reason": "damaged",
            },
        ).draft()

        assert [(line.line, line.quantity, line.amount_minor) for line in draft.lines] == [("1", 2, 12_34)]
        assert (draft.shipping_minor, draft.reason) == (4_95, "damaged")

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("quantity", "two"),
            ("quantity", "-1"),
            ("quantity", "1.5"),
            ("quantity", "\u00b2"),
            ("quantity", "1000001"),
            ("amount", "12.345"),
            ("amount", "NaN"),
            ("amount", "1e3"),
            ("amount", "twelve"),
            ("condition", "stolen"),
        ],
    )
    def test_gives_back_what_cannot_be_read_with_a_sentence(self, world: World, field: str, typed: str) -> None:
        order = world.order()
        (line,) = _lines(order)
        form = IntakeForm.from_post(order, {f"quantity_{line.pk}": "1", f"{field}_{line.pk}": typed})

        with pytest.raises(Refused) as caught:
            form.draft()

        (reason,) = caught.value.reasons
        assert (reason.code, reason.field) == ("invalid", f"{field}_{line.pk}")
        assert reason.detail.endswith(".")
        assert getattr(form.lines[0], field) == typed

    def test_shows_a_kept_draft_as_it_was_typed(self, world: World, amir: User) -> None:
        order = world.order()
        (line,) = _lines(order)
        kept = world.filed(order, by=amir, quantity=2)

        form = IntakeForm.from_draft(order, kept)

        assert [(typed.line, typed.quantity, typed.amount) for typed in form.lines] == [(line, "2", "")]


class TestTheDecisionForm:
    @pytest.mark.parametrize(
        ("typed", "minor"),
        [("", None), ("60", 60_00), ("60.5", 60_50), ("1,060.50", 1_060_50), ("1 060", 1_060_00), ("0.01", 1)],
    )
    def test_reads_an_amount_in_the_currency_of_the_request(
        self, world: World, amir: User, typed: str, minor: int | None
    ) -> None:
        form = DecisionForm({"amount": typed}, refund_request=world.waiting(by=amir))

        assert form.is_valid(), form.errors
        assert form.cleaned_data["amount"] == minor

    @pytest.mark.parametrize(
        "typed", ["60.001", "sixty", "1e2", "12,50", "1_0", "1,00,0", "9" * 40, "--1", "\u0661\u0662.999"]
    )
    def test_refuses_what_is_no_amount(self, world: World, amir: User, typed: str) -> None:
        form = DecisionForm({"amount": typed}, refund_request=world.waiting(by=amir))

        assert not form.is_valid()
        assert "amount" in form.errors

    def test_reads_and_shows_amounts_as_its_reader_writes_them(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)

        with translation.override("de"):
            shown = DecisionForm(refund_request=waiting)
            typed = DecisionForm({"amount": "1.060,50"}, refund_request=waiting)

            assert typed.is_valid(), typed.errors
            assert typed.cleaned_data["amount"] == 1_060_50
            assert shown.initial["amount"] == f"{waiting.asked.major:f}".replace(".", ",")


class TestAReaderOfGerman:
    def test_types_her_own_marks_and_finds_them_again(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=2_000_00, quantity=1)
        (line,) = _lines(order)

        with translation.override("de"):
            typed = {f"quantity_{line.pk}": "1", f"amount_{line.pk}": "1.012,34", "reason": "damaged"}
            draft = IntakeForm.from_post(order, typed).draft()
            kept = drafting.keep_draft(draft=draft, actor=amir, at=NOON)
            shown = IntakeForm.from_draft(order, kept)

        assert [one.amount_minor for one in draft.lines] == [1_012_34]
        assert [one.amount for one in shown.lines] == ["1012,34"]


def _lines(order: Order) -> list[OrderLine]:
    return list(order.lines.order_by("pk"))
