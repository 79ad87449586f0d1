"""What one person answered on one step: the record an auditor asks for."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import Verdict
from config.kernel.ids import new_id

from .route import ApprovalRoute
from .step import ApprovalStep

STRANGERS_ONLY = """
    SELECT * INTO route FROM approvals_approvalroute r
     WHERE r.id = NEW.route_id AND r.requested_by_id = NEW.requested_by_id
       AND r.reviewed_by_id IS NOT DISTINCT FROM NEW.reviewed_by_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an approval decision must repeat the requester and reviewer of its route';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM approvals_approvalstep s WHERE s.id = NEW.step_id AND s.route_id = route.id) THEN
        RAISE EXCEPTION 'an approval decision is on a step of its own route';
    END IF;
    signers := array_remove(ARRAY[NEW.decided_by_id, NEW.acting_for_id], NULL);
    IF EXISTS (
        SELECT 1 FROM approvals_involvement i
         WHERE i.subject_kind = route.subject_kind AND i.subject_id = route.subject_id AND i.person_id = ANY (signers)
    ) THEN
        RAISE EXCEPTION 'whoever handed it in, judged or paid it does not sign for it';
    END IF;
    IF EXISTS (
        SELECT 1 FROM approvals_approvaldecision d JOIN approvals_approvalroute r ON r.id = d.route_id
         WHERE r.subject_kind = route.subject_kind AND r.subject_id = route.subject_id
           AND (r.id = route.id OR r.state IN ('approved', 'declined'))
           AND (d.decided_by_id = ANY (signers) OR d.acting_for_id = ANY (signers))
    ) THEN
        RAISE EXCEPTION 'whoever decided on it before does not decide on it again';
    END IF;
    IF NEW.acting_for_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM approvals_delegation g
         WHERE g.lent_by_id = NEW.acting_for_id AND g.lent_to_id = NEW.decided_by_id AND g.state = 'accepted'
           AND g.from_at <= NEW.decided_at AND NEW.decided_at < g.until_at
    ) THEN
        RAISE EXCEPTION 'nobody acts for another without a delegation in force';
    END IF;
    IF EXISTS (
        SELECT 1 FROM approvals_delegation g
         WHERE g.lent_by_id = NEW.requested_by_id AND g.lent_to_id = ANY (signers) AND g.state = 'accepted'
           AND g.from_at <= NEW.decided_at AND NEW.decided_at < g.until_at
    ) THEN
        RAISE EXCEPTION 'the stand-in of the requester does not decide, nor does anybody for her';
    END IF;
    RETURN NEW;
"""
"""The last line of four eyes: whoever writes a decision, by whatever door, is a stranger to what is decided."""

ONLY_WORDS_EVER_GO = """
    as_it_was := OLD;
    as_it_was.rationale := '';
    IF NEW IS DISTINCT FROM as_it_was OR NOT EXISTS (
        SELECT 1 FROM evidence_ledgerentry e JOIN approvals_approvalroute r ON r.id = OLD.route_id
         WHERE e.subject_kind = r.subject_kind AND e.subject_id = r.subject_id AND e.kind = 'erasure.carried_out'
    ) THEN
        RAISE EXCEPTION 'Cannot update rows from approvals_approvaldecision table';
    END IF;
    RETURN NEW;
"""
"""A decision stays as it was written; its words go once the ledger says that its subject was erased, and only they."""


class ApprovalDecision(models.Model):
    """Who, acting for whom, when, why, with which role and limit at the time. Never changed afterwards.

    Only the words of `rationale` go when the subject is erased.

    `requested_by` and `reviewed_by` repeat the route's so that four eyes is a CHECK on one row; a trigger keeps the
    repetition honest.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    route = models.ForeignKey(ApprovalRoute, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=40, blank=True, default="")
    rationale = models.TextField(blank=True, default="")
    role_at_time = models.CharField(max_length=40)
    limit_at_time_minor = models.BigIntegerField(null=True)
    evidence_opened = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        indexes = [
            models.Index(name="decision_of_the_day", fields=["decided_by", "decided_at"]),
            models.Index(
                name="decision_for_another", fields=["acting_for", "decided_at"], condition=Q(acting_for__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(name="decider_is_not_the_requester", condition=~Q(decided_by=F("requested_by"))),
            models.CheckConstraint(
                name="decider_is_not_the_reviewer",
                condition=Q(reviewed_by__isnull=True) | ~Q(decided_by=F("reviewed_by")),
            ),
            models.CheckConstraint(
                name="the_requester_does_not_decide_by_another",
                condition=Q(acting_for__isnull=True)
                | (~Q(acting_for=F("requested_by")) & ~Q(acting_for=F("decided_by"))),
            ),
            models.CheckConstraint(
                name="the_reviewer_does_not_decide_by_another",
                condition=Q(acting_for__isnull=True) | Q(reviewed_by__isnull=True) | ~Q(acting_for=F("reviewed_by")),
            ),
            models.CheckConstraint(name="decision_verdict_is_known", condition=Q(verdict__in=Verdict.values)),
            models.CheckConstraint(
                name="approval_is_within_the_limit_at_the_time",
                condition=~Q(verdict="approve")
                | Q(limit_at_time_minor__isnull=False, amount_minor__lte=F("limit_at_time_minor")),
            ),
            models.UniqueConstraint(name="one_decision_per_person_and_route", fields=["route", "decided_by"]),
        ]
        triggers = [
            pgtrigger.Protect(name="decisions_stay", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_words_ever_go",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("as_it_was", "approvals_approvaldecision%ROWTYPE")],
                func=ONLY_WORDS_EVER_GO,
            ),
            pgtrigger.Trigger(
                name="decision_is_of_a_stranger",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("route", "approvals_approvalroute%ROWTYPE"), ("signers", "bigint[]")],
                func=STRANGERS_ONLY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decided_by_id} {self.verdict}"
