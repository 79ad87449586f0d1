"""What a fact says of an outflow, by cases that can be worked out by hand."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest

from analytics.models import OutflowFact
from analytics.rollups.following import catch_up
from analytics.rollups.recounting import compare
from approvals.models import ApprovalStep, AuthorityLimit
from approvals.services.calendars import CHANGES, Wanted, set_calendar
from approvals.services.sweeping import escalate
from config.kernel.money import Money
from refunds import workflow
from refunds.crediting import CreditDraft
from refunds.gateways.base import DisputeStatus
from refunds.models import Payment
from refunds.vocabulary import State
from tests.harness.people import by_decree, settle
from tests.refunds.books import person_with

if TYPE_CHECKING:
    from policies.models import GovernedAction
    from refunds.models import RefundRequest

    from .shop import Shop

pytestmark = pytest.mark.django_db


def fact_of(shop: Shop, subject: RefundRequest | GovernedAction) -> OutflowFact:
    """Follow the ledger, prove that nothing differs from a recount, and read one fact."""
    catch_up(at=shop.at)
    assert compare().differences == ()
    return OutflowFact.objects.get(subject_id=subject.pk)


def leaks_of(fact: OutflowFact) -> dict[str, int]:
    """Read what leaked, kinds without any left out."""
    kinds = ("override", "ungoverned", "over", "double_loss", "late_failure", "fees", "goodwill")
    return {kind: minor for kind in kinds if (minor := getattr(fact, f"{kind}_minor"))}


def payment_of(request: RefundRequest) -> Payment:
    """Read its payment."""
    return Payment.objects.get(refund_requests=request)


class TestARefundWithinPolicy:
    def test_leaks_nothing_and_knows_where_it_belongs(self, shop: Shop) -> None:
        paid = shop.refunded(20)

        fact = fact_of(shop, paid)

        assert (fact.refunded_minor, fact.allowed_minor, leaks_of(fact)) == (20_00, 20_00, {})
        assert (fact.band, fact.outcome, fact.product, fact.channel) == ("automatic", "allow", "home", "shop-uk")
        assert (fact.sale_on, fact.refunded_on) == (date(2026, 11, 12), date(2026, 11, 20))
        assert (fact.is_touch_free, fact.is_reviewed) == (True, False)

    def test_that_people_signed_as_it_was_asked_for_is_unchanged(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        fact = fact_of(shop, paid)

        assert (fact.band, fact.is_touch_free, fact.is_reviewed, fact.is_unchanged) == ("approval", False, True, True)
        assert (fact.approval_seconds, fact.queue_seconds, fact.decide_seconds, fact.pay_seconds) == (
            3600,
            3600,
            3600,
            7200,
        )

    def test_is_no_money_before_it_left(self, shop: Shop) -> None:
        signed = shop.signed(shop.asked(100))

        fact = fact_of(shop, signed)

        assert (fact.refunded_minor, fact.refunded_on, fact.decided_on) == (0, None, date(2026, 11, 20))

    def test_that_was_asked_about_stops_the_clock_and_did_change_something(self, shop: Shop) -> None:
        request = shop.asked(100)
        workflow.ask(reference=request.reference, question="Which lamp?", actor=settle("dana"), at=shop.tick())
        workflow.submit(reference=request.reference, answer="The red one.", actor=settle("amir"), at=shop.tick(48))
        signed = shop.signed(request)

        fact = fact_of(shop, signed)

        assert (fact.info_seconds, fact.approval_seconds, fact.decide_seconds) == (48 * 3600, 2 * 3600, 2 * 3600)
        assert (fact.is_reviewed, fact.is_unchanged) == (True, False)


class TestWhoHadAsked:
    def test_is_said_of_what_left_and_of_nothing_else(self, shop: Shop) -> None:
        paid, waiting, failed = shop.refunded(20), shop.asked(100), shop.came_back(shop.refunded(30))
        action = shop.elsewhere(Payment.objects.get(order=shop.sold(30)), 30_00)

        found = [fact_of(shop, one).origin for one in (paid, action, waiting, failed)]

        assert found == ["asked", "ungoverned", "", ""]


class TestASignature:
    def test_that_came_in_time_is_a_promise_kept(self, shop: Shop) -> None:
        fact = fact_of(shop, shop.signed(shop.asked(100)))

        assert (fact.due_step_count, fact.late_step_count) == (1, 0)

    def test_that_came_after_it_was_due_is_late(self, shop: Shop) -> None:
        request = shop.asked(100)
        [step] = ApprovalStep.objects.filter(route__subject_id=request.pk)
        assert step.due_at is not None
        shop.at = step.due_at

        fact = fact_of(shop, shop.signed(request))

        assert (fact.due_step_count, fact.late_step_count) == (1, 1)

    def test_of_a_step_that_went_up_overdue_is_late_whatever_the_new_term_says(self, shop: Shop) -> None:
        request = shop.asked(100)
        step = ApprovalStep.objects.get(route__subject_id=request.pk)
        ApprovalStep.objects.filter(pk=step.pk).update(escalates_to=step.role)
        assert step.due_at is not None
        escalate(step.route_id, step.due_at)
        shop.at = step.due_at

        fact = fact_of(shop, shop.signed(request))

        assert (fact.due_step_count, fact.late_step_count) == (1, 1)

    def test_that_nobody_gave_yet_is_counted_once_it_is(self, shop: Shop) -> None:
        fact = fact_of(shop, shop.asked(100))

        assert (fact.due_step_count, fact.late_step_count) == (0, 0)


class TestWorkingHours:
    def test_leave_out_the_night_and_the_weekend(self, shop: Shop) -> None:
        """Friday noon to Monday noon is 72 hours, of which a shop open from nine to five works 5 and 3."""
        team, wanted = (
            shop.world.team(),
            Wanted(weekdays=(1, 2, 3, 4, 5), opens_at=time(9), closes_at=time(17), holidays={}),
        )
        set_calendar(team=team, wanted=wanted, actor=person_with("cal", CHANGES), at=shop.at)
        request = shop.asked(100)
        shop.tick(71)

        fact = fact_of(shop, shop.signed(request))

        assert (fact.decide_seconds, fact.decide_working_seconds) == (72 * 3600, 8 * 3600)

    def test_are_all_hours_for_a_team_without_a_calendar(self, shop: Shop) -> None:
        fact = fact_of(shop, shop.refunded(100))

        assert (fact.decide_working_seconds, fact.pay_working_seconds) == (3600, 7200)

    def test_stay_as_they_were_when_the_calendar_changes_later(self, shop: Shop) -> None:
        signed = shop.signed(shop.asked(100))
        wanted = Wanted(weekdays=(1,), opens_at=time(9), closes_at=time(17), holidays={})
        set_calendar(team=shop.world.team(), wanted=wanted, actor=person_with("cal", CHANGES), at=shop.tick())

        assert fact_of(shop, signed).decide_working_seconds == 3600


class TestAnException:
    def test_is_an_override_of_all_the_policy_did_not_allow(self, shop: Shop) -> None:
        late = shop.asked(40, days_ago=40)
        assert late.state == State.EXCEPTION_REVIEW

        fact = fact_of(shop, shop.paid(shop.signed(shop.excepted(late))))

        assert leaks_of(fact) == {"override": 40_00}
        assert (fact.code, fact.review_seconds) == ("WINDOW_EXPIRED", 3600)


class TestMoneyNobodyAskedAbout:
    def test_is_allowed_as_far_as_the_policy_would_have_let_it_leave_by_itself(self, shop: Shop) -> None:
        small, large = (Payment.objects.get(order=shop.sold(pounds)) for pounds in (30, 300))

        facts = [fact_of(shop, shop.elsewhere(payment, payment.captured_minor)) for payment in (small, large)]

        assert [leaks_of(fact) for fact in facts] == [{}, {"ungoverned": 300_00}]
        assert [fact.refunded_minor for fact in facts] == [30_00, 300_00]

    def test_is_gone_once_it_came_back(self, shop: Shop) -> None:
        action = shop.elsewhere(Payment.objects.get(order=shop.sold(300)), 300_00)
        fact_of(shop, action)

        shop.taken_back(action)

        catch_up(at=shop.at)
        assert not OutflowFact.objects.exists()
        assert compare().differences == ()

    def test_stays_whatever_somebody_explains(self, shop: Shop) -> None:
        action = shop.elsewhere(Payment.objects.get(order=shop.sold(300)), 300_00)

        shop.explained(action)

        assert leaks_of(fact_of(shop, action)) == {"ungoverned": 300_00}

    def test_beside_a_refund_of_the_same_is_given_back_twice(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        again = fact_of(shop, shop.elsewhere(payment_of(paid), 100_00))

        assert leaks_of(again) == {"over": 100_00}
        assert leaks_of(fact_of(shop, paid)) == {}


class TestALostDispute:
    def test_beside_a_refund_is_lost_twice_as_far_as_both_go(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        shop.lost(payment_of(paid), 60_00)

        assert leaks_of(fact_of(shop, paid)) == {"double_loss": 60_00}

    def test_is_nothing_while_it_is_open(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        shop.lost(payment_of(paid), 60_00, status=DisputeStatus.UNDER_REVIEW)

        assert leaks_of(fact_of(shop, paid)) == {}

    def test_beside_an_exception_is_counted_once(self, shop: Shop) -> None:
        paid = shop.paid(shop.signed(shop.excepted(shop.asked(40, days_ago=40))))

        shop.lost(payment_of(paid), 30_00)

        assert leaks_of(fact_of(shop, paid)) == {"double_loss": 30_00, "override": 10_00}


class TestALateFailure:
    def test_leaks_until_a_statement_shows_it_come_back(self, shop: Shop) -> None:
        failed = shop.came_back(shop.refunded(100))

        fact = fact_of(shop, failed)

        assert (leaks_of(fact), fact.refunded_minor) == ({"late_failure": 100_00}, 0)
        assert fact.refunded_on == date(2026, 11, 20)


class TestAGoodwillCredit:
    @pytest.mark.parametrize("names_order", [True, False])
    def test_is_counted_beside_the_leakage_and_takes_nothing_from_what_was_paid(
        self,
        shop: Shop,
        names_order: bool,  # noqa: FBT001 - pytest's
    ) -> None:
        customer, dana = shop.world.customer(), settle("dana")
        order = shop.world.order(unit_minor=20_00, quantity=1, customer=customer, at=shop.at)
        with by_decree():
            AuthorityLimit.objects.create(
                user=dana, category="goodwill_credit", currency="GBP", single_minor=500_00, daily_minor=500_00
            )
        who: dict[str, Any] = (
            {"order": order.external_id} if names_order else {"customer": customer.external_id, "team": "uk-retail"}
        )
        draft = CreditDraft(amount=Money(75_00, "GBP"), channel="shop-uk", reason="late_delivery", **who)
        waiting = workflow.file_request(draft=draft, actor=settle("amir"), at=shop.tick())
        assert fact_of(shop, waiting).refunded_minor == 0

        given = shop.paid(shop.signed(waiting))

        fact = fact_of(shop, given)
        assert (fact.category, fact.channel, fact.order_id) == (
            "goodwill_credit",
            "shop-uk",
            order.pk if names_order else None,
        )
        assert (fact.refunded_minor, fact.leakage_minor) == (75_00, 0)
        assert leaks_of(fact) == {"goodwill": 75_00}
