"""Policies over the API: read them, an edition of them, and what their thresholds say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from approvals.vocabulary import Category
from config.kernel.bodies import LARGEST_COUNT, CurrencyField, ExactSerializer, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.people import team_ids_of
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from policies.editions import edition_of
from policies.engine.describe import describe
from policies.engine.document import parse_document
from policies.engine.matrix import common_amounts_minor, matrix
from policies.models import Policy, PolicyVersion
from policies.vocabulary import ChangeCategory, VersionState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from config.kernel.people import User


class ByName(CursorPages):
    """In the order of their names."""

    ordering = ("slug",)


class VersionLineAnswer(serializers.Serializer[Any]):
    """An edition in one line."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    what = serializers.CharField()
    author = serializers.CharField(source="author.username")
    published_by = serializers.CharField(source="published_by.username", default=None, allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    publish_at = serializers.DateTimeField(allow_null=True, help_text="When a scheduled edition comes into force.")
    change_category = serializers.ChoiceField(choices=ChangeCategory.choices)
    review_due_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when an emergency change has to be read by a third person."
    )
    reviewed_at = serializers.DateTimeField(allow_null=True)
    reviewed_by = serializers.CharField(source="reviewed_by.username", default=None, allow_null=True)


class PolicyAnswer(serializers.Serializer[Any]):
    """A team's policy: which categories gate money, which edition is in force."""

    slug = serializers.CharField()
    title = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    modes = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField()
    versions = VersionLineAnswer(many=True)

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_modes(self, policy: Policy) -> dict[str, str]:
        """Say for each category whether the policy gates or watches."""
        return {category: policy.mode_for(category).value for category in Category.values}

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_version(self, policy: Policy) -> int | None:
        """Answer the number of the edition in force."""
        return next((v.number for v in policy.versions.all() if v.state == VersionState.PUBLISHED), None)


class VersionAnswer(VersionLineAnswer):
    """An edition with its document and the same in sentences."""

    policy = serializers.CharField(source="policy.slug")
    why = serializers.CharField()
    impact = serializers.CharField()
    risk_rationale = serializers.CharField()
    second_person = serializers.CharField(source="second_person.username", default=None, allow_null=True)
    review_note = serializers.CharField()
    shadow_since = serializers.DateTimeField(allow_null=True)
    edition = serializers.SerializerMethodField(help_text="Send it with a signature: it signs for what was read.")
    created_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)
    document = serializers.DictField()
    sentences = serializers.SerializerMethodField()

    def get_edition(self, version: PolicyVersion) -> str:
        """Fingerprint what this answer says."""
        return edition_of(version)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sentences(self, version: PolicyVersion) -> list[str]:
        """Say every limit in words."""
        return describe(parse_document(version.document))


class MatrixQuery(ExactSerializer):
    """Which currency; the team's own when none is named."""

    currency = CurrencyField(max_length=3, required=False)


class MatrixRowAnswer(serializers.Serializer[Any]):
    """What happens to one category at each amount."""

    category = serializers.CharField()
    outcomes = serializers.ListField(child=serializers.CharField())


class MatrixAnswer(serializers.Serializer[Any]):
    """The thresholds at common amounts. A live decision may be stricter."""

    currency = serializers.CharField()
    amounts_minor = serializers.ListField(child=serializers.IntegerField())
    rows = MatrixRowAnswer(many=True)


class Policies(ApiView):
    """All policies of the caller's teams."""

    asks = {"GET": "policies.view_policy"}

    @extend_schema(
        operation_id="list_policies",
        summary="List policies by name",
        tags=["Policies"],
        parameters=[PageQuery],
        responses=page_of(PolicyAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        self.query(PageQuery)
        return self.page(_seen_by(self.caller), PolicyAnswer, ByName)


class OnePolicy(ApiView):
    """One policy."""

    asks = {"GET": "policies.view_policy"}

    @extend_schema(operation_id="read_policy", summary="Read a policy", tags=["Policies"], responses=PolicyAnswer)
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Answer the policy with its editions, newest first."""
        return self.shown(_seen_by(self.caller).filter(slug=slug), PolicyAnswer)


class OneVersion(ApiView):
    """One edition."""

    asks = {"GET": "policies.view_policyversion"}

    @extend_schema(
        operation_id="read_policy_version", summary="Read an edition", tags=["Policies"], responses=VersionAnswer
    )
    def get(self, request: Request, slug: str, number: int) -> Response:  # noqa: ARG002
        """Answer the document, and the same in sentences."""
        return Response(VersionAnswer(version_seen_by(self.caller, slug, number)).data)


class Matrix(ApiView):
    """The thresholds as a table."""

    asks = {"GET": "policies.view_policyversion"}

    @extend_schema(
        operation_id="read_policy_matrix",
        summary="Read what the thresholds say at common amounts",
        tags=["Policies"],
        parameters=[MatrixQuery],
        responses=MatrixAnswer,
    )
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Project the thresholds of the edition in force."""
        query = self.query(MatrixQuery)
        found = _versions_seen_by(self.caller).filter(policy__slug=slug, state=VersionState.PUBLISHED).first()
        if found is None:
            raise Http404
        currency = query.get("currency", found.policy.team.currency)
        document = parse_document(found.document)
        amounts = common_amounts_minor(document, currency)
        rows = [
            {"category": str(row.category), "outcomes": [str(outcome) for outcome in row.outcomes]}
            for row in matrix(document, currency, amounts)
        ]
        return Response({"currency": currency, "amounts_minor": amounts, "rows": rows})


def version_seen_by(viewer: User, slug: str, number: int) -> PolicyVersion:
    """Load an edition of the viewer's teams.

    :raises Http404: for strangers
    """
    found = _versions_seen_by(viewer).filter(policy__slug=slug, number=min(number, LARGEST_COUNT)).first()
    if found is None:
        raise Http404
    return found


def _seen_by(viewer: User) -> QuerySet[Policy]:
    versions = (
        PolicyVersion.objects.select_related("author", "published_by", "reviewed_by")
        .defer("document")
        .order_by("-number")
    )
    return (
        Policy.objects.filter(team_id__in=team_ids_of(viewer))
        .select_related("team")
        .prefetch_related(Prefetch("versions", versions))
    )


def _versions_seen_by(viewer: User) -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(policy__team_id__in=team_ids_of(viewer)).select_related(
        "policy__team", "author", "published_by", "second_person", "reviewed_by"
    )
