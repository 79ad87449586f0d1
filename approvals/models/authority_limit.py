"""Who may sign for how much, where."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.money import Money
from config.kernel.people import Team


class AuthorityLimit(models.Model):
    """The most one person, or everybody with one role, may sign for in one category and currency."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="authority_limits"
    )
    role = models.CharField(max_length=40, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    single_minor = models.BigIntegerField(help_text="The most for one request, in minor units.")
    daily_minor = models.BigIntegerField(help_text="The most in one day, in minor units.")

    class Meta:
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

    def __str__(self) -> str:
        return f"{self.user or self.role}: {self.category} up to {Money(self.single_minor, self.currency)}"
