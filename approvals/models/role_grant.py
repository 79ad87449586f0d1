"""A role with authority that somebody asked for on behalf of a person, and somebody else confirms."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import ChangeState
from config.kernel.ids import new_id


class RoleGrant(models.Model):
    """A guarded role somebody shall have; she has it once another than its proposer, and not she, confirmed it.

    `review` says how roles that exclude each other are looked after in a small team.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=40)
    review = models.CharField(max_length=400, blank=True, default="")
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(name="role_grant_state_is_known", condition=Q(state__in=ChangeState.values)),
            models.CheckConstraint(name="nobody_asks_for_her_own_role", condition=~Q(proposed_by=F("person"))),
            models.CheckConstraint(
                name="role_grant_is_confirmed_by_another",
                condition=~Q(state="confirmed")
                | (
                    Q(answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answered_by=F("proposed_by"))
                    & ~Q(answered_by=F("person"))
                ),
            ),
            models.UniqueConstraint(
                name="one_proposed_grant_of_a_role", fields=["person", "role"], condition=Q(state="proposed")
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="answered_grants_stay",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=~pgtrigger.Q(old__state="proposed"),
                func="RAISE EXCEPTION 'an answered grant of a role stays as it is';",
            ),
            pgtrigger.Protect(name="role_grants_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"
