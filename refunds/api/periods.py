"""Finance: months that are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.asking_again import check_shown_again
from config.kernel.bodies import ExactSerializer, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.books import periods
from refunds.books.vocabulary import PeriodState
from refunds.models import Period

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class SignOffBody(ExactSerializer):
    """Why it may be closed, and what is open and may be, by the keys that a refusal names."""

    note = serializers.CharField(max_length=periods.LONGEST_NOTE, allow_blank=True, required=False, default="")
    acknowledged = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)


class PeriodAnswer(serializers.Serializer[Any]):
    """A month of an account."""

    id = serializers.UUIDField()
    account = serializers.CharField()
    to = serializers.DateField(source="last_on")
    state = serializers.ChoiceField(PeriodState.choices)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the first day, whose name Python keeps for itself."""
        fields = super().get_fields()
        first = {"id": fields["id"], "account": fields["account"], "from": serializers.DateField(source="first_on")}
        return {**first, **fields}


class NewestPeriods(CursorPages):
    """Newest first."""

    ordering = ("-first_on", "-id")


class Periods(ApiView):
    """Every month of every account."""

    asks = {"GET": periods.SEES}

    @extend_schema(
        operation_id="list_periods",
        summary="List the months of every account, newest first",
        tags=["Finance"],
        parameters=[PageQuery],
        responses=page_of(PeriodAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        self.query(PageQuery)
        return self.page(Period.objects.all(), PeriodAnswer, NewestPeriods)


class SignOff(ApiView):
    """Sign a month."""

    asks = {"POST": periods.SIGNS}

    @extend_schema(
        operation_id="sign_off_period",
        summary="Sign a month off",
        description=(
            "The first signature says that it is right, the second, of somebody else, locks it. While something is "
            "open it is refused with `open_items`, a reason for each; name what may stay open in `acknowledged` "
            "(`statements`, `unmatched`, `missing`, `exports`) and say why in `note`."
        ),
        tags=["Finance"],
        request=SignOffBody,
        responses=PeriodAnswer,
    )
    def post(self, request: Request, period_id: UUID) -> Response:
        """Sign it, and answer how it stands; wants a fresh sign-in."""
        body = self.read(SignOffBody)
        if not Period.objects.filter(pk=period_id).exists():
            raise Http404
        check_shown_again(request, at=timezone.now())
        signed = periods.sign_period(
            period_id=period_id,
            note=body["note"],
            acknowledged=body["acknowledged"],
            actor=self.caller,
            at=timezone.now(),
        )
        return Response(PeriodAnswer(signed).data)
