"""Samples of decisions, and what a second look at each of them said."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from analytics.sampling.vocabulary import Answer, Finding, Method, Population
from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject
from refunds.models import RefundRequest

from .remediation_item import RemediationItem

SAMPLE = "quality_sample"


class Sample(models.Model):
    """A draw: from what, how, by which seed. The same seed over the same decisions draws the same.

    `query` is the question the database was asked; `population_sha256` is over the ids it answered, in order.
    `strata` counts by stratum what there was and what was drawn.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField()
    population = models.CharField(max_length=10, choices=Population)
    method = models.CharField(max_length=8, choices=Method)
    size = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    query = models.TextField()
    population_count = models.PositiveIntegerField()
    population_sha256 = models.CharField(max_length=64)
    strata = models.JSONField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-drawn_at", "-id"]
        permissions = [("review_sample", "Can take a second look at sampled decisions")]
        constraints = [
            models.CheckConstraint(name="sample_days_are_in_order", condition=Q(to_on__gte=F("from_on"))),
            models.CheckConstraint(name="sample_population_is_known", condition=Q(population__in=Population.values)),
            models.CheckConstraint(name="sample_method_is_known", condition=Q(method__in=Method.values)),
        ]
        indexes = [models.Index(name="sample_newest", fields=["-drawn_at", "-id"])]
        triggers = [pgtrigger.Protect(name="samples_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.team}, {self.from_on} to {self.to_on}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:sample", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """The sample as the ledger knows it."""
        return Subject(SAMPLE, self.pk)


class SampledDecision(models.Model):
    """One decision of a sample: what was decided by whom, then the second look, then what the comparison brought.

    `involved` are the ids of everybody who asked, reviewed, signed or declined, and for whom; none of them looks again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="decisions")
    place = models.PositiveSmallIntegerField()
    refund_request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=24)
    weight = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=Answer)
    involved = ArrayField(models.BigIntegerField())
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=8, choices=Answer, blank=True, default="")
    rationale = models.CharField(max_length=2000, blank=True, default="")
    looked_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=16, choices=Finding, blank=True, default="")
    correction = models.CharField(max_length=2000, blank=True, default="")
    found_at = models.DateTimeField(null=True, blank=True)
    item = models.ForeignKey(RemediationItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["sample", "place"]
        permissions = []
        constraints = [
            models.UniqueConstraint(name="a_decision_is_drawn_once", fields=["sample", "refund_request"]),
            models.UniqueConstraint(name="a_place_is_taken_once", fields=["sample", "place"]),
            models.CheckConstraint(
                name="nobody_looks_at_his_own_decision",
                condition=Q(reviewer__isnull=True) | ~Q(involved__contains=[F("reviewer_id")]),
            ),
            models.CheckConstraint(
                name="a_look_is_whole",
                condition=Q(reviewer__isnull=True, answer="", looked_at__isnull=True, finding="")
                | (Q(reviewer__isnull=False, looked_at__isnull=False) & ~Q(answer="") & ~Q(rationale="")),
            ),
            models.CheckConstraint(
                name="a_finding_is_dated",
                condition=Q(finding="", found_at__isnull=True) | (~Q(finding="") & Q(found_at__isnull=False)),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_was_drawn_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("sample", "place", "refund_request", "stratum", "outcome", "involved"),
            ),
            pgtrigger.Protect(
                name="a_look_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.answer <> '' AND (OLD.answer, OLD.reviewer_id, OLD.looked_at)"
                    " IS DISTINCT FROM (NEW.answer, NEW.reviewer_id, NEW.looked_at)"
                ),
            ),
            pgtrigger.Protect(name="drawn_decisions_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.sample}, {self.place}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:second_look", args=[self.sample_id, self.place])

    @property
    def is_looked_at(self) -> bool:
        """Whether somebody took a second look."""
        return bool(self.answer)

    @property
    def agrees(self) -> bool:
        """Whether both answers are the same."""
        return self.answer == self.outcome
