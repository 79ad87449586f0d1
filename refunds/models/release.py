"""Money let go by somebody who had no part in it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.money import Money

RELEASER_IS_A_STRANGER = pgtrigger.Trigger(
    name="releaser_is_a_stranger",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Insert,
    condition=pgtrigger.Q(new__release__isnull=False),
    declare=[("releaser", "bigint")],
    func="""
        SELECT release.released_by_id INTO releaser FROM refunds_release AS release
            WHERE release.id = NEW.release_id AND release.currency = NEW.currency;
        IF releaser IS NULL OR EXISTS (
            SELECT FROM refunds_refundrequest AS request
                WHERE request.id = NEW.refund_request_id
                    AND releaser IN (request.requested_by_id, request.reviewed_by_id, request.approved_by_id)
        ) OR EXISTS (
            SELECT FROM approvals_approvalroute AS route
                JOIN approvals_approvaldecision AS signature ON signature.route_id = route.id
                WHERE route.subject_kind = 'refund_request' AND route.subject_id = NEW.refund_request_id
                    AND releaser IN (signature.decided_by_id, signature.acting_for_id)
        ) THEN
            RAISE EXCEPTION 'Whoever asked for a refund or decided on it does not release its money.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'release_has_four_eyes';
        END IF;
        RETURN NEW;
    """,
)
"""Held by the database, so that no command, page or script can let somebody release her own."""


class Release(models.Model):
    """One batch of one currency, as it was let go: by whom, when, how many operations and how much."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    currency = models.CharField(max_length=3)
    operation_count = models.PositiveIntegerField()
    total_minor = models.BigIntegerField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_release_lets_something_go", condition=Q(operation_count__gt=0, total_minor__gt=0)
            ),
        ]
        triggers = [pgtrigger.Protect(name="releases_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.operation_count} operations, {self.total}"

    @property
    def total(self) -> Money:
        """Its sum."""
        return Money(self.total_minor, self.currency)
