"""When a code opens an item by itself, and when it is red, amber or green."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from config.kernel.wording import said
from policies.vocabulary import CodeKind

WHOLE = 10_000


class RemediationRule(models.Model):
    """The thresholds of one kind of code; set by administrators, each change on the ledger.

    Of the requests submitted in the last `days` days: a code used fewer than `least_count` times is green. From there
    it is red when its share of all requests, or what it leaked of all that was refunded in any currency, reaches the
    threshold. Used `frequent_count` times, it opens an item whatever its colour.
    """

    code_kind = models.CharField(max_length=16, choices=CodeKind, unique=True)
    days = models.PositiveSmallIntegerField(help_text=said("Days that are looked back on."))
    least_count = models.PositiveIntegerField(help_text=said("A code used less often is green: too few to tell."))
    frequent_count = models.PositiveIntegerField(help_text=said("A code used as often opens an item."))
    amber_share_basis_points = models.PositiveIntegerField()
    red_share_basis_points = models.PositiveIntegerField()
    amber_leakage_basis_points = models.PositiveIntegerField()
    red_leakage_basis_points = models.PositiveIntegerField()
    least_days = models.PositiveSmallIntegerField(
        help_text=said("Days each step has at least; more if the code promises so.")
    )
    test_weeks = models.PositiveSmallIntegerField(help_text=said("Weeks from closing to the effect test."))

    class Meta:
        constraints = [
            models.CheckConstraint(name="rule_code_kind_is_known", condition=Q(code_kind__in=CodeKind.values)),
            models.CheckConstraint(
                name="rule_spans_are_sensible",
                condition=Q(days__gte=7, days__lte=365, least_days__gte=1, least_days__lte=90)
                & Q(test_weeks__gte=1, test_weeks__lte=26),
            ),
            models.CheckConstraint(
                name="rule_counts_rise", condition=Q(least_count__gte=1, frequent_count__gte=F("least_count"))
            ),
            models.CheckConstraint(
                name="rule_thresholds_rise",
                condition=Q(amber_share_basis_points__gte=1, amber_leakage_basis_points__gte=1)
                & Q(red_share_basis_points__gte=F("amber_share_basis_points"), red_share_basis_points__lte=WHOLE)
                & Q(red_leakage_basis_points__gte=F("amber_leakage_basis_points"), red_leakage_basis_points__lte=WHOLE),
            ),
        ]

    def __str__(self) -> str:
        return f"Rule of {CodeKind(self.code_kind).label.lower()}s"
