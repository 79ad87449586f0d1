"""Forgetting a customer: who asked and who confirmed, what holds it up, what is gone."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject
from evidence.models.append_only import refuse_change, refuse_truncate
from refunds.vocabulary import ErasureBasis, ErasureState, SamePerson

from .order import Customer
from .refund_request import RefundRequest


class Erasure(models.Model):
    """One wish to forget a person. `due_on` is the first day on which everything may go, as far as is known.

    `customer` is whom the wish named; `ErasureCustomer` lists every row that is the same person. `outcome` counts what
    went, by kind.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="erasures")
    basis = models.CharField(max_length=20, choices=ErasureBasis)
    state = models.CharField(max_length=8, choices=ErasureState, default=ErasureState.WAITING)
    due_on = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)

    class Meta:
        permissions = [("answer_erasure", "Can confirm or refuse an erasure somebody else asked for")]
        triggers = [
            pgtrigger.Protect(
                name="what_was_asked_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("customer", "basis", "asked_by", "asked_at"),
            ),
            pgtrigger.Protect(name="erasures_stay", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_erasure_per_customer", fields=["customer"], condition=Q(state__in=["waiting", "blocked"])
            ),
            models.CheckConstraint(name="erasure_state_is_known", condition=Q(state__in=ErasureState.values)),
            models.CheckConstraint(name="erasure_basis_is_known", condition=Q(basis__in=ErasureBasis.values)),
            models.CheckConstraint(
                name="erasure_is_answered_by_another", condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by"))
            ),
            models.CheckConstraint(
                name="erasure_is_confirmed_before_it_is_done",
                condition=Q(state="waiting", answered_by=None) | (~Q(state="waiting") & Q(answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="erasure_done_has_a_date", condition=Q(state="done", done_at__isnull=False) | ~Q(state="done")
            ),
        ]

    def __str__(self) -> str:
        return f"erasure of customer {self.customer_id}, {self.state}"

    @property
    def subject(self) -> Subject:
        """The erasure as the ledger knows it."""
        return Subject("erasure", self.pk)


class ErasureCustomer(models.Model):
    """A row that is the person whom an erasure names, and why; what was asked for is what is confirmed."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="covered")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="covered_by")
    why = models.CharField(max_length=10, choices=SamePerson)

    class Meta:
        triggers = [refuse_change("list of whom an erasure covers"), refuse_truncate("list of whom an erasure covers")]
        constraints = [
            models.UniqueConstraint(name="customer_is_covered_once", fields=["erasure", "customer"]),
            models.CheckConstraint(name="covered_for_a_known_reason", condition=Q(why__in=SamePerson.values)),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}, {self.get_why_display().lower()}"


class ErasureNight(models.Model):
    """One nightly run: how many confirmed erasures it went through, and how many of them are finished now."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    total_count = models.PositiveIntegerField(default=0)
    seen_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(name="night_newest", fields=["-started_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.seen_count} of {self.total_count}"


class Tombstone(models.Model):
    """What stands where the texts and files of one request were: since when, and by which erasure. Never changed."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="tombstones")
    refund_request = models.OneToOneField(RefundRequest, on_delete=models.PROTECT, related_name="tombstone")
    erased_at = models.DateTimeField()

    class Meta:
        triggers = [refuse_change("list of tombstones"), refuse_truncate("list of tombstones")]

    def __str__(self) -> str:
        return f"Erased on {self.erased_at:%d %B %Y}"


class LegalHold(models.Model):
    """A reason to keep everything of a request, a customer or a team, whatever is due. Lifted, never deleted.

    Art. 17(3)(e) GDPR: a claim at court, an inquiry. Neither an erasure nor the night goes past it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_holds", db_index=False
    )
    refund_request = models.ForeignKey(
        RefundRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    matter = models.CharField(max_length=200, help_text="The file number of the matter, and why; no names.")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="the_hold_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("customer", "refund_request", "team", "matter", "set_by", "set_at"),
            ),
            pgtrigger.Protect(
                name="a_lifted_hold_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
            pgtrigger.Protect(name="holds_stay", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.CheckConstraint(
                name="hold_is_over_one_thing",
                condition=Q(customer__isnull=False, refund_request=None, team=None)
                | Q(customer=None, refund_request__isnull=False, team=None)
                | Q(customer=None, refund_request=None, team__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_hold_per_matter",
                fields=["customer", "refund_request", "team", "matter"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="hold_says_why", condition=Q(matter__regex=r"\S")),
            models.CheckConstraint(
                name="hold_is_lifted_by_somebody_who_says_why",
                condition=Q(lifted_by=None, lifted_at=None, lifted_why="")
                | (Q(lifted_by__isnull=False, lifted_at__isnull=False) & Q(lifted_why__regex=r"\S")),
            ),
        ]
        indexes = [models.Index(name="hold_in_force", fields=["customer"], condition=Q(lifted_at=None))]

    def __str__(self) -> str:
        return f"hold {self.matter}"

    @property
    def subject(self) -> Subject:
        """The hold as the ledger knows it."""
        return Subject("legal_hold", self.pk)
