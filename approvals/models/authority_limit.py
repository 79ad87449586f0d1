"""Who may sign for how much, where."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.wording import said

CONFIRMED_BY_ANOTHER = """
    IF TG_OP = 'DELETE' THEN asked := OLD; ELSE asked := NEW; END IF;
    IF TG_OP = 'UPDATE' AND ROW (OLD.user_id, OLD.role, OLD.team_id, OLD.category, OLD.currency)
       IS DISTINCT FROM ROW (NEW.user_id, NEW.role, NEW.team_id, NEW.category, NEW.currency) THEN
        RAISE EXCEPTION 'a limit keeps whom and what it names';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM approvals_limitchange c
         WHERE c.state = 'confirmed' AND c.confirmed_in = pg_current_xact_id()::text::bigint
           AND c.user_id IS NOT DISTINCT FROM asked.user_id AND c.role = asked.role
           AND c.team_id IS NOT DISTINCT FROM asked.team_id
           AND c.category = asked.category AND c.currency = asked.currency
           AND CASE WHEN TG_OP = 'DELETE' THEN c.single_minor IS NULL
                    ELSE c.single_minor = asked.single_minor AND c.daily_minor = asked.daily_minor END
    ) THEN
        RAISE EXCEPTION 'a limit changes only as a second person confirmed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
"""Two people, whoever writes and by whatever door."""


class AuthorityLimit(models.Model):
    """The most one person, or everybody with one role, may sign for in one category and currency."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="authority_limits"
    )
    role = models.CharField(max_length=40, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    single_minor = models.BigIntegerField(help_text=said("The most for one request, in minor units."))
    daily_minor = models.BigIntegerField(help_text=said("The most in one day, in minor units."))

    class Meta:
        permissions = [("review_authoritylimit", "Can sign a review of who could approve what")]
        constraints = [
            models.CheckConstraint(
                name="limit_is_of_a_person_or_of_a_role",
                condition=Q(user__isnull=False, role="") | (Q(user__isnull=True) & ~Q(role="")),
            ),
            models.CheckConstraint(name="limit_is_not_negative", condition=Q(single_minor__gte=0)),
            models.CheckConstraint(
                name="daily_limit_covers_single_limit", condition=Q(daily_minor__gte=models.F("single_minor"))
            ),
            models.UniqueConstraint(
                name="one_limit_per_holder_and_scope",
                fields=["user", "role", "team", "category", "currency"],
                nulls_distinct=False,
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="limit_is_confirmed",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("asked", "approvals_authoritylimit%ROWTYPE")],
                func=CONFIRMED_BY_ANOTHER,
            ),
        ]

    def __str__(self) -> str:
        most = Money(self.single_minor, self.currency)
        return f"{self.user or self.role}: {Category(self.category).label.lower()} up to {most}"
