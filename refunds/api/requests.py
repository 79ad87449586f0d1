"""Refund requests: file one, list them, read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.functions import Coalesce
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.helpdesk.tickets import TicketName
from refunds.pleas import file_plea

from .request_answers import RequestAnswer, shown_to
from .request_bodies import NewRequestBody, RequestQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from config.kernel.people import User
    from refunds.models import RefundRequest

CREATED = 201

FILTERS = {
    "state": "state__in",
    "team": "team__slug",
    "reason": "reason_id",
    "exception_code": "exception_code",
    "customer": "customer__external_id",
    "order": "order__external_id",
    "created_after": "created_at__gt",
    "created_before": "created_at__lt",
    "amount_min": "shown_minor__gte",
    "amount_max": "shown_minor__lte",
}
"""Which column each filter of the list looks at."""


class RequestView(ApiView):
    """An address that answers with a refund request."""

    asks = {"GET": "refunds.view_refundrequest", "POST": "refunds.view_refundrequest"}

    def answer(self, reference: str, status: int = 200) -> Response:
        """Answer the request as it is now.

        :raises Http404: to whoever may not see it
        """
        return self.shown(shown_to(self.caller).filter(reference=reference), RequestAnswer, status)


class RefundRequests(RequestView):
    """All requests the caller may see."""

    asks = {"GET": "refunds.view_refundrequest", "POST": "refunds.submit_refundrequest"}

    @extend_schema(
        operation_id="list_refund_requests",
        summary="List refund requests, newest first",
        tags=["Refund requests"],
        parameters=[RequestQuery],
        responses=page_of(RequestAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        wanted = self.query(RequestQuery)
        return self.page(_narrowed(shown_to(self.caller), wanted, self.caller), RequestAnswer)

    @extend_schema(
        operation_id="file_refund_request",
        summary="File a refund request",
        tags=["Refund requests"],
        request=NewRequestBody,
        responses={CREATED: RequestAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Open a request and, unless told otherwise, submit it: the answer shows the verdict.

        Missing evidence keeps it in `intake` with `evidence_missing` filled; nothing is lost.
        """
        refund_request = file_plea(body=self.read(NewRequestBody), actor=self.caller, at=timezone.now())
        return self.answer(refund_request.reference, CREATED)


class OneRefundRequest(RequestView):
    """One request."""

    @extend_schema(
        operation_id="read_refund_request",
        summary="Read a refund request",
        tags=["Refund requests"],
        responses=RequestAnswer,
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer the request with verdict, route and money."""
        return self.answer(reference)


def _narrowed(requests: QuerySet[RefundRequest], wanted: Mapping[str, Any], viewer: User) -> QuerySet[RefundRequest]:
    if "amount_min" in wanted or "amount_max" in wanted:
        requests = requests.alias(shown_minor=Coalesce("approved_minor", "requested_minor"))
    if wanted.get("mine"):
        requests = requests.filter(requested_by=viewer)
    if ticket := TicketName.of(wanted.get("ticket", "")):
        requests = requests.filter(tickets__helpdesk__slug=ticket.helpdesk, tickets__ticket_id=ticket.ticket_id)
    columns = {FILTERS[name]: value for name, value in wanted.items() if name in FILTERS and value not in _NO_STATES}
    return requests.filter(**columns)


_NO_STATES: tuple[object, ...] = (set(), [])
"""What the framework reads from a query that names no state."""
