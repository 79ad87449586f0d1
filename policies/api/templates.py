"""Typed templates over the API: read what there is to start from, install one as a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, WordField
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from policies.engine.matrix import common_amounts_minor, matrix
from policies.publishing import install_template
from policies.templates import TypedTemplate, typed_templates
from policies.vocabulary import Mode

from .views import MatrixAnswer, PolicyAnswer, VersionAnswer

if TYPE_CHECKING:
    from rest_framework.request import Request

    from config.kernel.people import User
    from policies.models import PolicyVersion


class TemplateAnswer(serializers.Serializer[Any]):
    """A policy to start from: its rules, the same in words, and why these numbers."""

    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    rationale = serializers.CharField()
    document = serializers.DictField()
    matrix = serializers.SerializerMethodField()

    @extend_schema_field(MatrixAnswer)
    def get_matrix(self, template: TypedTemplate) -> dict[str, Any]:
        """Project the thresholds in the template's own currency."""
        amounts = common_amounts_minor(template.parsed, template.currency)
        rows = [
            {"category": str(row.category), "outcomes": [str(outcome) for outcome in row.outcomes]}
            for row in matrix(template.parsed, template.currency, amounts)
        ]
        return {"currency": template.currency, "amounts_minor": amounts, "rows": rows}


class TemplatesAnswer(serializers.Serializer[Any]):
    """All of them; they are few and come on one page."""

    results = TemplateAnswer(many=True)


class InstallBody(ExactSerializer):
    """Which template, and for which team; who works for one team alone need not name it."""

    slug = WordField(max_length=50)
    team = WordField(max_length=50, required=False)


class InstalledAnswer(VersionAnswer):
    """The draft. It watches at most: `modes` says what its policy gates once it is published."""

    mode = serializers.SerializerMethodField()
    modes = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_mode(self, version: PolicyVersion) -> str:  # noqa: ARG002 - every draft is the same in this
        """Say that a draft gates no money."""
        return Mode.SHADOW.value

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_modes(self, version: PolicyVersion) -> dict[str, str]:
        """Say for each category what the policy does with what is in force."""
        return PolicyAnswer().get_modes(version.policy)


class TypedTemplates(ApiView):
    """What a policy may start from."""

    asks = {"GET": "policies.view_policy"}

    @extend_schema(
        operation_id="list_typed_templates",
        summary="List the policies to start from",
        tags=["Policies"],
        responses=TemplatesAnswer,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer every template with its rules, in words too."""
        self.query(ExactSerializer)
        return Response(TemplatesAnswer({"results": typed_templates()}).data)


class InstallTemplate(ApiView):
    """A template becomes a draft."""

    asks = {"POST": "policies.add_policyversion"}

    @extend_schema(
        operation_id="install_typed_template",
        summary="Draft a policy from a template",
        tags=["Policies"],
        request=InstallBody,
        responses={201: InstalledAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Open the team's policy in shadow, or draft the next version of the one it has."""
        body = self.read(InstallBody)
        team = _team(self.caller, body.get("team"))
        version = install_template(slug=body["slug"], team=team, actor=self.caller, at=timezone.now())
        return Response(InstalledAnswer(version).data, status=status.HTTP_201_CREATED)


def _team(caller: User, slug: str | None) -> Team:
    """Find the team that is meant.

    :raises Refused: for a team the caller does not work for, or none named by somebody who works for several
    """
    own = Team.objects.filter(pk__in=team_ids_of(caller))
    if slug is not None:
        found = own.filter(slug=slug).first()
        if found is None:
            raise Refused("unknown_team", f"There is no team “{slug}” you work for.", "team")
        return found
    teams = list(own.order_by("slug"))
    if len(teams) != 1:
        names = ", ".join(team.slug for team in teams) or "none"
        raise Refused("refused", f"Name the team; you work for {names}.", "team")
    return teams[0]
