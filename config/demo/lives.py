"""Let each case happen, through the verbs that people and programs speak."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from evidence.attachments import attach, record_opening
from evidence.models import Attachment
from evidence.vocabulary import EvidenceKind
from refunds import drafting, workflow
from refunds.gateways.registry import gateway_named
from refunds.intake import AskedLine, Draft
from refunds.processing.performing import perform_operation
from refunds.processing.recording import record_provider_state
from refunds.vocabulary import State

from . import words
from .cases import Case, Fate
from .people import BOT, PERSONAS, person
from .pictures import photo_of_damage

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .sandbox import SandboxDesk

APPROVERS = tuple(persona for persona in PERSONAS if persona.limit_minor)
REVIEWERS = ("mei", "milo")
GRANTED_SHARE = 0.65
PAID_AFTER = timedelta(seconds=14)
HASTY, LEAST_SECONDS, MOST_SECONDS = "viktor", 6, 40
"""Who signs what goes its usual way without a look, and how fast."""

PHOTO_ABOVE_MINOR = 100_00
NEEDS_A_PHOTO = {"damaged", "not_as_described"}
CODE_OF_REASON = {
    "damaged": "DAMAGED_IN_TRANSIT",
    "not_as_described": "NOT_AS_DESCRIBED",
    "wrong_item": "WRONG_ITEM_SENT",
    "not_received": "ITEM_NOT_RECEIVED",
    "late_delivery": "LATE_DELIVERY",
    "changed_mind": "WINDOW_EXPIRED",
    "duplicate_charge": "DUPLICATE_CHARGE",
    "billing_error": "BILLING_ERROR",
    "service_outage": "SERVICE_OUTAGE",
}


class Cast:
    """The people of the demo at work, one loaded row each."""

    def __init__(self, desk: SandboxDesk, *, seed: str, now: datetime) -> None:
        """Call everybody in."""
        self.desk = desk
        self.seed = seed
        self.now = now
        self.rng = Random(seed)  # noqa: S311 - a world to look at, not a secret
        self.people = {name: person(name) for name in [*(one.username for one in PERSONAS), BOT]}

    def play(self, case: Case) -> None:
        """Let one case happen from filing to its end, or to where it waits today.

        The dice are the case's own, so that its life does not depend on who else is played beside it.
        """
        self.rng.seed(f"{self.seed} {case.sale.order.external_id}")
        at = case.filed_at
        agent = self._agent(case)
        refund_request = self._filed(case, agent, at)
        if refund_request.state == State.INTAKE:
            return
        if case.fate is Fate.WITHDRAWN:
            self._withdraw(refund_request, agent, at)
        elif case.fate in {Fate.ASKED, Fate.ANSWERED}:
            self._ask(refund_request, agent, at, is_answered=case.fate is Fate.ANSWERED)
        elif case.fate is Fate.HELD and refund_request.state == State.AWAITING_APPROVAL:
            later = self._later(at, 0.2, 3)
            note = "Waiting for the bank to say whether this is disputed."
            workflow.hold(reference=refund_request.reference, note=note, actor=self.people["viktor"], at=later)
        elif case.fate is not Fate.WAITS:
            self._decide_and_pay(case, refund_request, at)

    def _agent(self, case: Case) -> User:
        if case.agent:
            return self.people[case.agent]
        names = ["amir"] * 6 + [BOT] + (["asha"] * 3 if case.team.slug == "us-dtc" else [])
        return self.people[self.rng.choice(names)]

    def _filed(self, case: Case, agent: User, at: datetime) -> RefundRequest:
        draft = Draft(
            channel=case.team.channel,
            order=case.sale.order.external_id,
            reason=case.reason,
            note=self.rng.choice(words.NOTES.get(case.reason, ("",))),
            lines=[AskedLine(line="1", quantity=case.quantity, condition=case.condition)],
        )
        wants_photo = case.reason in NEEDS_A_PHOTO and case.amount_minor > PHOTO_ABOVE_MINOR * 9 // 10
        if case.fate is not Fate.DRAFT and not wants_photo:
            return workflow.file_request(draft=draft, actor=agent, at=at)
        refund_request = drafting.save_draft(draft=draft, reference="", actor=agent, at=at)
        if case.fate is Fate.DRAFT:
            return refund_request
        if wants_photo and case.fate is not Fate.LACKS_EVIDENCE:
            attach(
                subject=refund_request.subject,
                team=refund_request.team,
                kind=EvidenceKind.PHOTO,
                file=photo_of_damage(self.rng if case.photo is None else Random(case.photo)),  # noqa: S311 - a picture
                actor=agent,
                at=at,
            )
        return workflow.submit(reference=refund_request.reference, actor=agent, at=at + timedelta(minutes=2))

    def _withdraw(self, refund_request: RefundRequest, agent: User, at: datetime) -> None:
        if refund_request.state in {State.AWAITING_APPROVAL, State.EXCEPTION_REVIEW}:
            later = self._later(at, 0.2, 3)
            note = "The customer keeps it after all."
            workflow.withdraw(reference=refund_request.reference, note=note, actor=agent, at=later)

    def _ask(self, refund_request: RefundRequest, agent: User, at: datetime, *, is_answered: bool) -> None:
        if refund_request.state != State.AWAITING_APPROVAL:
            return
        reference = refund_request.reference
        asked_at = self._later(at, 0.2, 0.8)
        question = self.rng.choice(words.QUESTIONS)
        workflow.ask(reference=reference, question=question, actor=self._approver(refund_request), at=asked_at)
        if is_answered:
            answered_at = self._later(asked_at, 1, 20)
            answered = workflow.submit(reference=reference, actor=agent, at=answered_at)
            signed_at = self._later(answered_at, 0.2, 4)
            self._sign(answered, signed_at, first=self._approver(answered))
            self._pay(answered, signed_at)

    def _decide_and_pay(self, case: Case, refund_request: RefundRequest, at: datetime) -> None:
        decided_at = at
        if refund_request.state == State.EXCEPTION_REVIEW:
            decided_at = self._later(at, 0.5, 9)
            refund_request = self._review(case, refund_request, decided_at)
        if refund_request.state == State.AWAITING_APPROVAL:
            waits_since, decided_at = decided_at, self._later(decided_at, 0.1, 5)
            signer = self.people[case.signer] if case.signer else self._approver(refund_request)
            if case.fate is Fate.DECLINED:
                self._decline(refund_request, signer, decided_at)
                return
            if case.fate is Fate.COURSE and signer.username == HASTY:
                decided_at = waits_since + timedelta(seconds=self.rng.uniform(LEAST_SECONDS, MOST_SECONDS))
            refund_request = self._sign(refund_request, decided_at, first=signer, is_lowered=case.fate is Fate.LOWERED)
        self._pay(refund_request, decided_at)
        if case.fate in {Fate.FAILED, Fate.RETRIED}:
            self._fail(refund_request, decided_at, is_retried=case.fate is Fate.RETRIED)

    def _review(self, case: Case, refund_request: RefundRequest, at: datetime) -> RefundRequest:
        reviewer = self.people[self.rng.choice(REVIEWERS)]
        fitting = refund_request.decision.exception_codes if refund_request.decision is not None else []
        if not fitting or (self.rng.random() > GRANTED_SHARE and not case.is_granted):
            return self._decline(refund_request, reviewer, at)
        wanted = CODE_OF_REASON.get(case.reason, "GOODWILL_RETENTION")
        return workflow.grant_exception(
            reference=refund_request.reference,
            code=wanted if wanted in fitting else self.rng.choice(fitting),
            rationale=self.rng.choice(words.GRANT_RATIONALES),
            actor=reviewer,
            at=at,
        )

    def _decline(self, refund_request: RefundRequest, by: User, at: datetime) -> RefundRequest:
        return workflow.decide(
            reference=refund_request.reference,
            verdict=Verdict.DECLINE,
            rationale=self.rng.choice(words.DECLINE_RATIONALES),
            actor=by,
            at=at,
        )

    def _sign(
        self, refund_request: RefundRequest, at: datetime, *, first: User, is_lowered: bool = False
    ) -> RefundRequest:
        usual = words.LOWERED_RATIONALE if is_lowered else self.rng.choice(words.APPROVAL_RATIONALES)
        order = "" if refund_request.order is None else refund_request.order.external_id
        signers: list[User] = []
        while refund_request.state == State.AWAITING_APPROVAL:
            signers.append(self._approver(refund_request, but=signers) if signers else first)
            is_hasty = signers[-1].username == HASTY and not is_lowered
            rationale = words.HASTY_RATIONALE if is_hasty else usual.format(order=order)
            opened = [] if is_hasty else self._opened(refund_request, signers[-1], at)
            refund_request = workflow.decide(
                reference=refund_request.reference,
                verdict=Verdict.APPROVE,
                rationale=rationale,
                amount_minor=refund_request.requested_minor * 3 // 4 if is_lowered else None,
                evidence_opened=opened,
                signed_in_at=at,
                actor=signers[-1],
                at=at,
            )
        return refund_request

    def _opened(self, refund_request: RefundRequest, signer: User, at: datetime) -> list[str]:
        files = list(Attachment.objects.filter(subject_id=refund_request.pk).order_by("pk"))
        for file in files:
            record_opening(attachment=file, viewer=signer, at=at - timedelta(minutes=1))
        return [str(file.pk) for file in files]

    def _approver(self, refund_request: RefundRequest, *, but: Collection[User] = ()) -> User:
        """Whoever has the smallest sufficient limit, as a queue would sort it; directors take turns."""
        able = [
            one
            for one in APPROVERS
            if one.limit_minor >= refund_request.requested_minor and self.people[one.username] not in but
        ]
        smallest = min(one.limit_minor for one in able)
        return self.people[self.rng.choice([one.username for one in able if one.limit_minor == smallest])]

    def _pay(self, refund_request: RefundRequest, at: datetime) -> None:
        if refund_request.state == State.APPROVED:
            operation = refund_request.operations.get()
            perform_operation(operation_id=operation.pk, at=min(at + PAID_AFTER, self.now))

    def _fail(self, refund_request: RefundRequest, at: datetime, *, is_retried: bool) -> None:
        operation = refund_request.operations.order_by("created_at").last()
        if operation is None or not operation.external_id:
            return
        failed_at = self._later(at, 20, 100)
        self.desk.fail_refund(operation.external_id)
        found = gateway_named(operation.gateway).get(operation.external_id)
        if found is not None:
            record_provider_state(operation_id=operation.pk, refund=found, at=failed_at)
        if is_retried:
            retried_at = self._later(failed_at, 1, 8)
            workflow.retry(reference=refund_request.reference, actor=self.people["lena"], at=retried_at)
            again = refund_request.operations.order_by("created_at").last()
            if again is not None:
                perform_operation(operation_id=again.pk, at=min(retried_at + PAID_AFTER, self.now))

    def _later(self, at: datetime, least_hours: float, most_hours: float) -> datetime:
        return min(at + timedelta(hours=self.rng.uniform(least_hours, most_hours)), self.now)
