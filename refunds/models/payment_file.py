"""Files of bank transfers: prepared by one person, released by another, the same bytes however often it is taken."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.subjects import Subject
from refunds.vocabulary import FileState

from .operation import Operation

KIND = "payment_file"

PREPARER_IS_A_STRANGER = """
    SELECT file.prepared_by_id INTO preparer FROM refunds_paymentfile AS file WHERE file.id = NEW.file_id;
    IF EXISTS (
        SELECT FROM refunds_operation AS operation
            JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
            WHERE operation.id = NEW.operation_id AND (preparer = request.requested_by_id OR EXISTS (
                SELECT FROM approvals_approvalroute AS route
                    JOIN approvals_approvaldecision AS signature ON signature.route_id = route.id
                    WHERE route.subject_kind = 'refund_request' AND route.subject_id = request.id
                        AND preparer IN (signature.decided_by_id, signature.acting_for_id)
            ))
    ) THEN
        RAISE EXCEPTION 'Whoever asked for a refund or decided on it does not put it into a payment file.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_file_has_four_eyes';
    END IF;
    RETURN NEW;
"""

RELEASER_IS_A_STRANGER = """
    IF NEW.released_by_id IS NOT NULL AND EXISTS (
        SELECT FROM refunds_transfer AS transfer
            JOIN refunds_operation AS operation ON operation.id = transfer.operation_id
            JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
            WHERE transfer.file_id = NEW.id AND (NEW.released_by_id = request.requested_by_id OR EXISTS (
                SELECT FROM approvals_approvalroute AS route
                    JOIN approvals_approvaldecision AS signature ON signature.route_id = route.id
                    WHERE route.subject_kind = 'refund_request' AND route.subject_id = request.id
                        AND NEW.released_by_id IN (signature.decided_by_id, signature.acting_for_id)
            ))
    ) THEN
        RAISE EXCEPTION 'Whoever asked for a refund or decided on it does not release its payment file.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_file_has_four_eyes';
    END IF;
    RETURN NEW;
"""


class PaymentFile(models.Model):
    """One credit transfer initiation (pain.001.001.09) from one of our accounts; its bytes are kept sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.PREPARED)
    currency = models.CharField(max_length=3)
    debtor_iban = models.CharField(max_length=34)
    transfer_count = models.PositiveIntegerField()
    total_minor = models.BigIntegerField()
    sealed = models.TextField()
    sha256 = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        permissions = [("release_paymentfile", "Can release a payment file prepared by somebody else")]
        constraints = [
            models.CheckConstraint(name="payment_file_state_is_known", condition=Q(state__in=FileState.values)),
            models.CheckConstraint(
                name="payment_file_pays_something", condition=Q(transfer_count__gt=0, total_minor__gt=0)
            ),
            models.CheckConstraint(
                name="releaser_is_not_the_preparer",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="released_file_has_a_releaser",
                condition=Q(state=FileState.RELEASED, released_by__isnull=False, released_at__isnull=False)
                | (~Q(state=FileState.RELEASED) & Q(released_by__isnull=True, released_at__isnull=True)),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="releaser_is_a_stranger",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Insert,
                func=RELEASER_IS_A_STRANGER,
            ),
            pgtrigger.Protect(
                name="what_was_prepared_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "currency", "debtor_iban", "transfer_count", "total_minor", "sha256", "prepared_by", "prepared_at"
                ),
            ),
            pgtrigger.Protect(
                name="a_file_has_one_end",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'prepared' AND OLD.state IS DISTINCT FROM NEW.state"),
            ),
            pgtrigger.Protect(name="payment_files_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """By which the bank names the file: at most 35 characters."""
        return f"RF{self.pk.hex}"

    @property
    def subject(self) -> Subject:
        """The file as the ledger knows it."""
        return Subject(KIND, self.pk)

    @property
    def total(self) -> Money:
        """Its control sum."""
        return Money(self.total_minor, self.currency)


class Transfer(models.Model):
    """One operation in one payment file; in another file only after this one was discarded."""

    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, related_name="transfers")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="transfers")
    end_to_end_id = models.CharField(max_length=35)
    is_dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_file_per_transfer", fields=["operation"], condition=Q(is_dropped=False)),
            models.UniqueConstraint(
                name="one_transfer_per_end_to_end_id", fields=["end_to_end_id"], condition=Q(is_dropped=False)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="preparer_is_a_stranger",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("preparer", "bigint")],
                func=PREPARER_IS_A_STRANGER,
            ),
            pgtrigger.Protect(
                name="transfers_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("file", "operation", "end_to_end_id"),
            ),
            pgtrigger.Protect(name="transfers_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id
