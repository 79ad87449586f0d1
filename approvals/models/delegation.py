"""Authority that is lent for a time, and the time somebody is away."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from approvals.vocabulary import Category, DelegationState
from config.kernel.ids import new_id
from config.kernel.people import Team


class Delegation(models.Model):
    """`lent_to` may sign in the name of `lent_by`, from `from_at` up to but not including `until_at`, once accepted.

    It holds for the named teams and categories, or for all of both without any. `single_minor` is its own ceiling in
    minor units of `currency`; without one the limits of the two people bind alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given")
    lent_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_held")
    state = models.CharField(max_length=10, choices=DelegationState, default=DelegationState.OFFERED)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    categories = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    single_minor = models.BigIntegerField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True, default="")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-from_at", "-id"]
        constraints = [
            models.CheckConstraint(name="delegation_state_is_known", condition=Q(state__in=DelegationState.values)),
            models.CheckConstraint(name="nobody_lends_to_herself", condition=~Q(lent_by=F("lent_to"))),
            models.CheckConstraint(name="delegation_ends_after_it_begins", condition=Q(until_at__gt=F("from_at"))),
            models.CheckConstraint(
                name="delegation_ceiling_has_a_currency",
                condition=Q(single_minor__isnull=True, currency="") | (Q(single_minor__gte=0) & ~Q(currency="")),
            ),
            models.CheckConstraint(
                name="delegation_in_force_was_accepted",
                condition=~Q(state="accepted") | Q(answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="delegation_in_force", fields=["lent_to", "until_at"], condition=Q(state="accepted")),
            models.Index(name="delegation_given", fields=["lent_by", "until_at"], condition=Q(state="accepted")),
        ]

    def __str__(self) -> str:
        return f"{self.lent_to} for {self.lent_by}, {self.from_at:%d %b %H:%M} to {self.until_at:%d %b %H:%M} UTC"

    @property
    def category_labels(self) -> list[str]:
        """The categories it holds for, in words."""
        return [str(Category(category).label) for category in self.categories]


class Absence(models.Model):
    """A time in which nothing is routed to a person, reminded of or counted on; it takes no right away."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, default="")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [
            models.CheckConstraint(name="absence_ends_after_it_begins", condition=Q(until_at__gt=F("from_at")))
        ]
        indexes = [models.Index(name="absence_of", fields=["user", "until_at"])]

    def __str__(self) -> str:
        return f"{self.user}, {self.from_at:%d %b %H:%M} to {self.until_at:%d %b %H:%M} UTC"
