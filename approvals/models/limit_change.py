"""A change of a limit that somebody asked for and somebody else confirms."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import Category, ChangeState
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team

PROPOSED_THEN_ANSWERED = """
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a change of a limit begins as a proposal';
        END IF;
        NEW.confirmed_in := NULL;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'an answered change of a limit stays as it is';
    END IF;
    IF ROW (NEW.user_id, NEW.role, NEW.team_id, NEW.category, NEW.currency, NEW.single_minor, NEW.daily_minor,
            NEW.single_before_minor, NEW.daily_before_minor, NEW.why, NEW.proposed_by_id, NEW.proposed_at)
       IS DISTINCT FROM
       ROW (OLD.user_id, OLD.role, OLD.team_id, OLD.category, OLD.currency, OLD.single_minor, OLD.daily_minor,
            OLD.single_before_minor, OLD.daily_before_minor, OLD.why, OLD.proposed_by_id, OLD.proposed_at) THEN
        RAISE EXCEPTION 'what was proposed stays; propose anew';
    END IF;
    NEW.confirmed_in := CASE WHEN NEW.state = 'confirmed' THEN pg_current_xact_id()::text::bigint END;
    RETURN NEW;
"""


class LimitChange(models.Model):
    """What a limit shall become; `single_minor` and `daily_minor` are empty when it shall be withdrawn.

    The three people are three: who proposes, who confirms and, where the limit is a person's, whom it names.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="limit_changes"
    )
    role = models.CharField(max_length=40, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    single_minor = models.BigIntegerField(null=True, blank=True)
    daily_minor = models.BigIntegerField(null=True, blank=True)
    single_before_minor = models.BigIntegerField(null=True, blank=True)
    daily_before_minor = models.BigIntegerField(null=True, blank=True)
    why = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True, default="")
    confirmed_in = models.BigIntegerField(null=True, editable=False)
    """The database transaction that confirmed it, written by a trigger: in it, and in no other, the limit changes."""

    class Meta:
        ordering = ["-proposed_at", "-id"]
        permissions = [("answer_limitchange", "Can confirm or refuse a change of a limit")]
        constraints = [
            models.CheckConstraint(name="limit_change_state_is_known", condition=Q(state__in=ChangeState.values)),
            models.CheckConstraint(
                name="limit_change_is_confirmed_by_another",
                condition=~Q(state="confirmed")
                | (Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answered_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="nobody_changes_her_own_limit",
                condition=Q(user__isnull=True)
                | (
                    ~Q(proposed_by=F("user"))
                    & (Q(answered_by__isnull=True) | ~Q(state="confirmed") | ~Q(answered_by=F("user")))
                ),
            ),
            models.CheckConstraint(
                name="limit_change_names_a_person_or_a_role",
                condition=Q(user__isnull=False, role="") | (Q(user__isnull=True) & ~Q(role="")),
            ),
            models.UniqueConstraint(
                name="one_proposed_change_per_scope",
                fields=["user", "role", "team", "category", "currency"],
                condition=Q(state="proposed"),
                nulls_distinct=False,
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="change_is_proposed_then_answered",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=PROPOSED_THEN_ANSWERED,
            ),
            pgtrigger.Protect(name="limit_changes_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        what = f"{self.user or self.role}: {Category(self.category).label.lower()}"
        if self.single_minor is None:
            return f"{what}: none any more in {self.currency}"
        return f"{what} up to {Money(self.single_minor, self.currency)}"
