"""Nobody decides what she handed in, however she came to hand it in; no card number is kept in two halves."""

from __future__ import annotations

import pytest

from approvals.models import ApprovalRoute, AuthorityLimit
from approvals.permissions import why_not_decide
from approvals.vocabulary import Verdict
from config.kernel.people import User, give_roles
from config.kernel.refusals import NotPermitted, Refused
from refunds import drafting, workflow
from refunds.models import Operation, RefundRequest
from refunds.processing.resolving import take_up_again
from refunds.reconciliation.importing import upload_statement
from refunds.vocabulary import OperationState, State
from tests.harness.people import by_decree, fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored
from tests.refunds.books import csv_file
from tests.refunds.reconciliation.reports import report, row

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."


def approve(request: RefundRequest, who: User) -> RefundRequest:
    return workflow.decide(reference=request.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=who, at=NOON)


class TestWhoeverSubmitsForAColleague:
    def test_does_not_sign_the_draft(self, world: World, amir: User, dana: User, viktor: User) -> None:
        draft = drafting.save_draft(
            draft=world.draft_of(world.order(unit_minor=100_00)), reference="", actor=amir, at=NOON
        )
        submitted = workflow.submit(reference=draft.reference, actor=dana, at=NOON)
        assert submitted.state == State.AWAITING_APPROVAL

        with refused(NotPermitted, "self_approval"):
            approve(submitted, fresh(dana))

        assert approve(submitted, viktor).state == State.APPROVED

    def test_does_not_sign_what_she_answered(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.ask(reference=waiting.reference, question="Which lamp came back?", actor=dana, at=NOON)
        workflow.submit(reference=waiting.reference, actor=dana, at=NOON, answer="The tall one, she says.")

        with refused(NotPermitted, "self_approval"):
            approve(waiting, fresh(dana))

        assert approve(waiting, viktor).state == State.APPROVED

    def test_does_not_grant_it_an_exception(self, world: World, amir: User, mei: User) -> None:
        draft = drafting.save_draft(draft=world.draft_of(world.order(days_ago=90)), reference="", actor=amir, at=NOON)
        submitted = workflow.submit(reference=draft.reference, actor=mei, at=NOON)
        assert submitted.state == State.EXCEPTION_REVIEW
        assert submitted.decision is not None
        code = submitted.decision.exception_codes[0]

        with refused(NotPermitted, "self_approval"):
            workflow.grant_exception(reference=submitted.reference, code=code, rationale=WHY, actor=fresh(mei), at=NOON)


class TestWhoeverSignedALevel:
    def test_does_not_send_the_failed_money_again(self, world: World, amir: User, dana: User, vera: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(single_minor=50_000_00, daily_minor=50_000_00)
        give_roles(user=dana, roles=["approver", "finance"])
        approved = approve(world.waiting(by=amir), fresh(dana))
        Operation.objects.filter(refund_request=approved).update(state=OperationState.REJECTED)
        RefundRequest.objects.filter(pk=approved.pk).update(state=State.FAILED, approved_by=vera)

        with refused(NotPermitted, "self_approval"):
            workflow.retry(reference=approved.reference, actor=fresh(dana), at=NOON)

    def test_does_not_hand_it_to_the_worker_again(self, world: World, amir: User, dana: User) -> None:
        give_roles(user=dana, roles=["approver", "finance"])
        approved = approve(world.waiting(by=amir), fresh(dana))
        RefundRequest.objects.filter(pk=approved.pk).update(state=State.PROCESSING)
        Operation.objects.filter(refund_request=approved).update(
            state=OperationState.NEEDS_PERSON, attempt_count=1, first_sent_at=NOON
        )

        with refused(NotPermitted, "self_approval"):
            take_up_again(reference=approved.reference, actor=fresh(dana), at=NOON)


class TestWhoeverGrantedBefore:
    def test_does_not_sign_though_somebody_else_granted_it_again(
        self, world: World, amir: User, mei: User, dana: User
    ) -> None:
        order = world.order(unit_minor=10_00, days_ago=40)
        late = world.filed(order, by=amir)
        workflow.grant_exception(
            reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=fresh(mei), at=NOON
        )
        workflow.ask(reference=late.reference, question="Which lamp came back?", actor=dana, at=NOON)
        order.lines.update(final_sale=True)
        again = workflow.submit(reference=late.reference, actor=amir, at=NOON, answer="The tall one.")
        assert again.state == State.EXCEPTION_REVIEW
        assert again.decision is not None
        workflow.grant_exception(
            reference=late.reference,
            code=again.decision.exception_codes[0],
            rationale=WHY,
            actor=settle("milo"),
            at=NOON,
        )
        give_roles(user=mei, roles=["approver"])
        with by_decree():
            AuthorityLimit.objects.create(
                user=mei, category="refund", currency="GBP", single_minor=500_00, daily_minor=500_00
            )

        with refused(NotPermitted, "self_approval"):
            approve(late, fresh(mei))


class TestWhoeverWaitedForTheLock:
    @pytest.mark.parametrize("lost", ["limit", "role", "account"])
    def test_signs_with_what_she_has_when_she_gets_it(self, world: World, amir: User, dana: User, lost: str) -> None:
        waiting = world.waiting(by=amir)
        person = fresh(dana)
        assert why_not_decide(person, ApprovalRoute.objects.get(reference=waiting.reference), at=NOON) == ""

        if lost == "limit":
            with by_decree():
                AuthorityLimit.objects.filter(user=dana).delete()
        elif lost == "role":
            give_roles(user=fresh(dana), roles=["agent"])
        else:
            User.objects.filter(pk=dana.pk).update(is_active=False)

        with refused(NotPermitted, "over_authority" if lost == "limit" else "not_permitted"):
            approve(waiting, person)


class TestACardNumber:
    def test_told_in_two_halves_is_not_kept(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        RefundRequest.objects.filter(pk=waiting.pk).update(note="Her card is 4242 4242")
        workflow.ask(reference=waiting.reference, question="Which lamp came back?", actor=dana, at=NOON)

        with refused(Refused, "card_number_in_text"):
            workflow.submit(reference=waiting.reference, actor=amir, at=NOON, answer="4242 4242")

        assert as_stored(waiting).note == "Her card is 4242 4242"

    def test_in_the_name_of_a_statement_is_not_kept(self, world: World) -> None:
        file = csv_file(report([row("txn_1", "5.00", category="charge")]), name="payout 4242424242424242.csv")

        statement, _ = upload_statement(account="stripe", file=file, actor=settle("lena"), at=NOON)

        assert statement.filename == "unnamed.csv"
