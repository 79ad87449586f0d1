"""Wishes to be forgotten, asked for by other systems; a person confirms them on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kernel.bodies import ExactSerializer, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.erasures.account import account_of
from refunds.erasures.asking import ask_erasure
from refunds.erasures.identity import find_person
from refunds.permissions import erasures_visible_to
from refunds.vocabulary import ErasureBasis, ErasureState, SamePerson

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from refunds.models import Erasure

CREATED = 201


class NewestErasures(CursorPages):
    """Newest first."""

    ordering = ("-asked_at", "-id")


class ErasureBody(ExactSerializer):
    """Whom to forget: by the shop's number (name the channel where it is in several) or by e-mail address."""

    customer = serializers.CharField(max_length=254)
    channel = serializers.SlugField(required=False, default="", allow_blank=True)
    basis = serializers.ChoiceField(ErasureBasis.choices)


class CoveredAnswer(serializers.Serializer[Any]):
    """A customer record that is the same person."""

    channel = serializers.CharField(source="customer.channel")
    external_id = serializers.CharField(source="customer.external_id")
    why = serializers.ChoiceField(SamePerson.choices)


class WaitAnswer(serializers.Serializer[Any]):
    """Something that is still there; `until` is null where nobody knows."""

    what = serializers.CharField()
    why = serializers.CharField()
    until = serializers.DateField(allow_null=True)


class ErasureAnswer(serializers.Serializer[Any]):
    """One erasure: what it covers, what went, what waits for what, and the sentences for the customer's letter."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(ErasureState.choices)
    basis = serializers.ChoiceField(ErasureBasis.choices)
    customers = CoveredAnswer(source="covered", many=True)
    asked_by = serializers.CharField(source="asked_by.username")
    asked_at = serializers.DateTimeField()
    answered_by = serializers.CharField(source="answered_by.username", default=None, allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    erased = serializers.DictField(source="outcome", child=serializers.IntegerField())
    waits_for = serializers.SerializerMethodField()
    letter = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()

    @extend_schema_field(WaitAnswer(many=True))
    def get_waits_for(self, erasure: Erasure) -> Any:
        """List what is still there and why."""
        return WaitAnswer(account_of(erasure, on=timezone.now().date()).waits, many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_letter(self, erasure: Erasure) -> list[str]:
        """Say it in sentences."""
        return list(account_of(erasure, on=timezone.now().date()).letter)

    @extend_schema_field(serializers.URLField())
    def get_page(self, erasure: Erasure) -> str:
        """Say where a person confirms it."""
        return reverse("refunds:erasure", args=[erasure.pk], request=self.context["request"])


class Erasures(ApiView):
    """All erasures the caller may know of."""

    asks = {"GET": "refunds.view_erasure", "POST": "refunds.add_erasure"}

    @extend_schema(
        operation_id="list_erasures",
        summary="List erasures, newest first",
        tags=["Erasure"],
        parameters=[PageQuery],
        responses=page_of(ErasureAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        self.query(PageQuery)
        return self.page(_listed(self), ErasureAnswer, NewestErasures)

    @extend_schema(
        operation_id="ask_erasure",
        summary="Ask that a person be forgotten",
        description="A second person confirms it on its page; a service account never does.",
        tags=["Erasure"],
        request=ErasureBody,
        responses={CREATED: ErasureAnswer},
    )
    def post(self, request: Request) -> Response:
        """Ask; nothing goes before a person confirms it."""
        body = self.read(ErasureBody)
        person = find_person(self.caller, body["customer"], channel=body["channel"])
        made = ask_erasure(customer_id=person.named.pk, basis=body["basis"], actor=self.caller, at=timezone.now())
        answer = ErasureAnswer(_listed(self).get(pk=made.pk), context={"request": request, "view": self})
        return Response(answer.data, status=CREATED)


class OneErasure(ApiView):
    """One erasure."""

    asks = {"GET": "refunds.view_erasure"}

    @extend_schema(operation_id="read_erasure", summary="Read one erasure", tags=["Erasure"], responses=ErasureAnswer)
    def get(self, request: Request, erasure_id: UUID) -> Response:  # noqa: ARG002
        """Answer it, or 404 to a stranger."""
        return self.shown(_listed(self).filter(pk=erasure_id), ErasureAnswer)


def _listed(view: ApiView) -> Any:
    listed = erasures_visible_to(view.caller).select_related("customer", "asked_by", "answered_by")
    return listed.prefetch_related("covered__customer")
