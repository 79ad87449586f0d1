"""The shadow report over the API: the figures of the page, flat, each in its own currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer
from config.kernel.rest import ApiView
from policies.agreement import FORMULA
from policies.permissions import policies_visible_to
from policies.shadow import Watch, cells, usual_window
from policies.shadow_figures import Agreed, agreed_by_category, agreed_by_day, agreed_in, currencies_of, tallies
from policies.vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request

    from policies.shadow import Cell


class ShadowQuery(ExactSerializer):
    """Which days, both included, in UTC; the last thirty when none is named, 366 at most."""

    to = serializers.DateField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add the word that Python keeps for itself."""
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse days that end before they begin."""
        if "from" in attrs and "to" in attrs and attrs["from"] > attrs["to"]:
            raise serializers.ValidationError({"from": ["Is after “to”."]})
        return attrs


class _Figure(serializers.Serializer[Any]):
    currency = serializers.CharField()
    count = serializers.IntegerField()
    minor = serializers.IntegerField(help_text="What was asked for, in minor units.")


class ShadowWouldAnswer(_Figure):
    """How many cases of a category would have been what."""

    category = serializers.CharField()
    outcome = serializers.CharField()


class ShadowPeopleAnswer(_Figure):
    """What people did with the cases of one verdict."""

    outcome = serializers.CharField()
    people = serializers.CharField()


class ShadowInForceAnswer(_Figure):
    """What the version in force said of the cases of one verdict; `unknown` where it said nothing."""

    in_force = serializers.CharField()
    outcome = serializers.CharField()


class ShadowAgreementAnswer(serializers.Serializer[Any]):
    """How verdicts and people went together. Cases, not money: every currency takes part."""

    agrees = serializers.IntegerField()
    in_part = serializers.IntegerField()
    disagrees = serializers.IntegerField()
    undecided = serializers.IntegerField()
    no_claim = serializers.IntegerField()
    rate_percent = serializers.CharField(allow_null=True, help_text="With one decimal: 83.3. Null without a case.")


class ShadowCategoryAgreementAnswer(ShadowAgreementAnswer):
    """The same of one category."""

    category = serializers.CharField()


class ShadowDayAgreementAnswer(ShadowAgreementAnswer):
    """The same of one day."""

    day = serializers.DateField()


class ShadowFiguresAnswer(serializers.Serializer[Any]):
    """One report."""

    count = serializers.IntegerField()
    would = ShadowWouldAnswer(many=True)
    people = ShadowPeopleAnswer(many=True)
    in_force = ShadowInForceAnswer(many=True)
    agreement = ShadowAgreementAnswer()
    categories = ShadowCategoryAgreementAnswer(many=True)
    days = ShadowDayAgreementAnswer(many=True)


class ShadowVersionAnswer(ShadowFiguresAnswer):
    """The report of the version that is in shadow."""

    number = serializers.IntegerField()
    shadow_since = serializers.DateTimeField()


class ShadowAnswer(serializers.Serializer[Any]):
    """What the policy said in categories in shadow, and what its version in shadow, if there is one, says of all."""

    policy = serializers.CharField()
    to = serializers.DateField()
    formula = serializers.CharField(help_text="How the agreement rate is reckoned.")
    in_shadow = ShadowFiguresAnswer()
    version = ShadowVersionAnswer(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add the word that Python keeps for itself."""
        return {"from": serializers.DateField(), **super().get_fields()}


class Shadow(ApiView):
    """The report of a policy."""

    asks = {"GET": "policies.view_policyversion"}

    @extend_schema(
        operation_id="read_policy_shadow",
        summary="Read what a policy in shadow would have done, and whether people agreed",
        tags=["Policies"],
        parameters=[ShadowQuery],
        responses=ShadowAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Answer the same figures as the page."""
        query = self.query(ShadowQuery)
        policy = policies_visible_to(self.caller).filter(slug=slug).first()
        if policy is None:
            raise Http404
        from_on, to_on = usual_window(timezone.now().date(), query.get("from"), query.get("to"))
        version = policy.versions.filter(state=VersionState.SHADOW).first()
        told = {
            "policy": policy.slug,
            "from": from_on,
            "to": to_on,
            "formula": FORMULA,
            "in_shadow": _figures(cells(Watch(policy=policy, from_on=from_on, to_on=to_on))),
            "version": None,
        }
        if version is not None:
            found = cells(Watch(policy=policy, version=version, from_on=from_on, to_on=to_on))
            told["version"] = {
                "number": version.number,
                "shadow_since": version.shadow_since,
                **_figures(found),
                "in_force": _by(found, "in_force", "outcome"),
            }
        return Response(ShadowAnswer(told).data)


def _figures(found: Sequence[Cell]) -> dict[str, Any]:
    return {
        "count": sum(cell.count for cell in found),
        "would": _by(found, "category", "outcome"),
        "people": _by(found, "outcome", "people"),
        "in_force": [],
        "agreement": _agreed(agreed_in(found)),
        "categories": [
            {"category": category, **_agreed(agreed)} for category, agreed in agreed_by_category(found).items()
        ],
        "days": [{"day": day.day, **_agreed(day.agreed)} for day in agreed_by_day(found)],
    }


def _by(found: Sequence[Cell], down: str, across: str) -> list[dict[str, Any]]:
    return [
        {"currency": currency, down: first, across: second, "count": tally.count, "minor": tally.money.minor}
        for currency in currencies_of(found)
        for (first, second), tally in sorted(
            tallies(found, currency, lambda cell: (getattr(cell, down), getattr(cell, across))).items()
        )
    ]


def _agreed(agreed: Agreed) -> dict[str, Any]:
    return {**agreed._asdict(), "rate_percent": agreed.rate or None}
