"""Leakage and cycle time over the API: the figures of the page, flat, each in its own currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from analytics.leakage import definitions, figures, rates, steps
from analytics.leakage.asking import LONGEST_DAYS, Ask
from analytics.leakage.definitions import CYCLE, GOODWILL, LEAKAGE, LEAKS, REFUNDED, WHEN
from analytics.models import Basis, RollupMark
from analytics.slices import default_slice
from config.kernel.bodies import CurrencyField, ExactSerializer, WordField
from config.kernel.rest import ApiView

if TYPE_CHECKING:
    from rest_framework.request import Request

SEES = "analytics.view_insight"
BY = ("month", "code", "reason", "approver", "team", "band", "product", "channel")
BASES = [(Basis.REFUND.value, "refund"), (Basis.SALE.value, "sale")]


_RATES = {
    "captured_minor": definitions.CAPTURED,
    "refund_rate_by_refund": definitions.RATES[Basis.REFUND],
    "refund_rate_by_sale": definitions.RATES[Basis.SALE],
    "bypass_rate": definitions.BYPASS,
    "in_time": definitions.IN_TIME,
}


class DaysQuery(ExactSerializer):
    """Which days, both included, in UTC; this month and the eleven before it when none is named."""

    to = serializers.DateField(required=False)
    team = WordField(required=False, help_text="Of one team, by its slug.")

    def get_fields(self) -> dict[str, Any]:
        """Add the word that Python keeps for itself."""
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse days that end before they begin, and too many of them."""
        usual = default_slice(timezone.now().date())
        from_on, to_on = attrs.get("from", usual.from_on), attrs.get("to", usual.to_on)
        if from_on > to_on:
            raise serializers.ValidationError({"from": ["Is after “to”."]})
        if (to_on - from_on).days > LONGEST_DAYS:
            raise serializers.ValidationError({"from": ["Is more than ten years before “to”."]})
        return {**attrs, "from": from_on, "to": to_on}


class LeakageQuery(DaysQuery):
    """Also by what, in which currency, and whether a refund counts on its own day or on that of the sale."""

    by = serializers.ChoiceField(choices=BY, required=False, default="month")
    basis = serializers.ChoiceField(choices=BASES, required=False, default=Basis.REFUND.value)
    currency = CurrencyField(required=False)


class LeakageRowAnswer(serializers.Serializer[Any]):
    """The sums of one value in one currency, in minor units. `leakage_minor` is the sum of its six kinds."""

    value = serializers.CharField(help_text="The month, code, slug or id; `few` for people with too few requests.")
    label = serializers.CharField()  # type: ignore[assignment]  # the class keeps its fields elsewhere
    currency = serializers.CharField()
    count = serializers.IntegerField()
    leaking_count = serializers.IntegerField()
    refunded_minor = serializers.IntegerField()
    leakage_minor = serializers.IntegerField()
    override_minor = serializers.IntegerField()
    ungoverned_minor = serializers.IntegerField()
    over_minor = serializers.IntegerField()
    double_loss_minor = serializers.IntegerField()
    late_failure_minor = serializers.IntegerField()
    fees_minor = serializers.IntegerField()
    goodwill_minor = serializers.IntegerField(help_text="Beside leakage, not in it.")


class _SpanAnswer(serializers.Serializer[Any]):
    to = serializers.DateField()
    counted_at = serializers.DateTimeField(allow_null=True, help_text="When the ledger was last read.")

    def get_fields(self) -> dict[str, Any]:
        """Add the word that Python keeps for itself."""
        return {"from": serializers.DateField(), **super().get_fields()}


class RatesAnswer(serializers.Serializer[Any]):
    """What shares are of, in one currency and all the days, in minor units and numbers; each share is part of whole."""

    currency = serializers.CharField()
    captured_minor = serializers.IntegerField()
    refunded_minor = serializers.IntegerField(help_text="By the day of the refund: the refund rate in cash.")
    given_back_minor = serializers.IntegerField(help_text="By the day of the sale: the refund rate of the cohort.")
    gone_count = serializers.IntegerField(help_text="Refunds that left and stayed away, by the basis asked for.")
    gone_minor = serializers.IntegerField()
    ungoverned_count = serializers.IntegerField(help_text="Of these, what nobody had asked for: the bypass rate.")
    ungoverned_minor = serializers.IntegerField()
    due_count = serializers.IntegerField(help_text="Approval steps answered.")
    late_count = serializers.IntegerField(help_text="Of these, after they were due.")


class LeakageAnswer(_SpanAnswer):
    """Leakage by one dimension, per currency, never summed across; and the shares of all the days."""

    by = serializers.CharField()
    basis = serializers.CharField()
    formulas = serializers.DictField(child=serializers.CharField(), help_text="How each column is counted.")
    results = LeakageRowAnswer(many=True)
    rates = RatesAnswer(many=True)


class CycleStepAnswer(serializers.Serializer[Any]):
    """How long one step took, rounded up to two digits."""

    step = serializers.CharField()
    count = serializers.IntegerField()
    median_seconds = serializers.IntegerField()
    p90_seconds = serializers.IntegerField()


class CycleTimeAnswer(_SpanAnswer):
    """How long requests decided in these days took, and how they were decided."""

    formula = serializers.CharField()
    decided_count = serializers.IntegerField()
    touch_free_count = serializers.IntegerField()
    reviewed_count = serializers.IntegerField()
    unchanged_count = serializers.IntegerField()
    waited_seconds = serializers.IntegerField()
    steps = CycleStepAnswer(many=True)


class Leakage(ApiView):
    """What left that should not have."""

    asks = {"GET": SEES}

    @extend_schema(
        operation_id="read_leakage",
        summary="Read what leaked, by month, code, reason, approver, team, band, product or channel",
        tags=["Analytics"],
        parameters=[LeakageQuery],
        responses=LeakageAnswer,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer the same figures as the page."""
        query = self.query(LeakageQuery)
        ask = Ask(
            from_on=query["from"],
            to_on=query["to"],
            team=query.get("team", ""),
            currency=query.get("currency", ""),
            basis=query["basis"],
        )
        by = query["by"]
        lines = figures.by_month(self.caller, ask) if by == "month" else figures.by_dimension(self.caller, ask, by)
        measures = (REFUNDED, LEAKAGE, *LEAKS, GOODWILL)
        rows = [
            {
                "value": line.value,
                "label": line.label,
                "currency": line.currency,
                "count": line.count,
                "leaking_count": line.leaking_count,
                **{kind.column: line.minor(kind) for kind in measures},
            }
            for line in lines
        ]
        formulas = {"when": WHEN, **{kind.column: kind.formula for kind in measures}, **_RATES}
        shares = rates.totals(rates.by_month(self.caller, ask))
        told = {**_span(query), "by": by, "basis": ask.basis, "formulas": formulas, "results": rows, "rates": shares}
        return Response(LeakageAnswer(told).data)


class CycleTime(ApiView):
    """How long it took."""

    asks = {"GET": SEES}

    @extend_schema(
        operation_id="read_cycle_time",
        summary="Read how long requests took, step by step",
        tags=["Analytics"],
        parameters=[DaysQuery],
        responses=CycleTimeAnswer,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer the same figures as the page."""
        query = self.query(DaysQuery)
        ask = Ask(from_on=query["from"], to_on=query["to"], team=query.get("team", ""))
        touched = steps.touch(self.caller, ask)
        told = {
            **_span(query),
            "formula": CYCLE,
            "decided_count": touched.decided_count,
            "touch_free_count": touched.touch_free_count,
            "reviewed_count": touched.reviewed_count,
            "unchanged_count": touched.unchanged_count,
            "waited_seconds": touched.waited_seconds,
            "steps": [
                {
                    "step": step.slug,
                    "count": step.count,
                    "median_seconds": step.median_seconds,
                    "p90_seconds": step.p90_seconds,
                }
                for step in steps.steps(self.caller, ask)
            ],
        }
        return Response(CycleTimeAnswer(told).data)


def _span(query: dict[str, Any]) -> dict[str, Any]:
    counted_at = RollupMark.objects.values_list("counted_at", flat=True).first()
    return {"from": query["from"], "to": query["to"], "counted_at": counted_at}
