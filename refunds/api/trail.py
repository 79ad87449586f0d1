"""What happened to a request and what proves it: timeline, evidence, messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponseRedirect
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kernel.bodies import ExactSerializer, FileBody, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.people import User
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from evidence.attachments import attach, attachments_of, record_opening
from evidence.ledger import timeline_of
from evidence.links import link_in, token_for, viewer_in
from evidence.messages import messages_of
from evidence.pictures import SHOWN_MEDIA_TYPE
from evidence.views.attachments import picture_alone
from evidence.vocabulary import EvidenceKind, ScanState
from refunds.permissions import visible_to
from refunds.reuse import seen_again

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from rest_framework.request import Request

    from evidence.models import Attachment, LedgerEntry
    from refunds.models import RefundRequest
    from refunds.reuse import SeenAgain

CREATED = 201
ADDRESS_IS_GOOD_FOR_SECONDS = 60


class OldestFirst(CursorPages):
    """The timeline of nearly every request fits on one page."""

    page_size = 200
    ordering = ("seq",)


class NewestMessages(CursorPages):
    """Newest first."""

    ordering = ("-written_at", "-id")


class OldestFiles(CursorPages):
    """Oldest first; at most twenty hang on a request."""

    ordering = ("added_at", "id")


class TimelineAnswer(serializers.Serializer[Any]):
    """One recorded fact; `entry` is its number in the whole ledger, by which its proof is asked for."""

    entry = serializers.IntegerField(source="pk")
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    actor = serializers.SerializerMethodField()
    acting_for = serializers.CharField(source="acting_for.username", default=None, allow_null=True)
    at = serializers.DateTimeField()
    sentence = serializers.CharField()
    data = serializers.SerializerMethodField()  # type: ignore[assignment]  # the class keeps its fields elsewhere
    hash = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.STR)
    def get_actor(self, entry: LedgerEntry) -> str:
        """Name the person, or the part of Redress that acted."""
        return entry.actor.username if entry.actor is not None else entry.machine

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_data(self, entry: LedgerEntry) -> dict[str, Any]:
        """Answer the facts as they were hashed."""
        data: dict[str, Any] = json.loads(entry.payload)["data"]
        return data

    @extend_schema_field(OpenApiTypes.STR)
    def get_hash(self, entry: LedgerEntry) -> str:
        """Print the place in the chain."""
        return bytes(entry.hash).hex()


class ReuseAnswer(serializers.Serializer[Any]):
    """Another request with the same picture; the reference is null where it is a request of another team."""

    reference = serializers.CharField(allow_null=True)
    likelihood = serializers.ChoiceField(["exact", "likely", "possible"])


class EvidenceAnswer(serializers.Serializer[Any]):
    """One file that proves something."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    pages = serializers.IntegerField(source="page_count")
    scan = serializers.ChoiceField(ScanState.choices, source="scan_state")
    added_by = serializers.CharField(source="added_by.username")
    added_at = serializers.DateTimeField()
    reuse = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    @extend_schema_field(ReuseAnswer(many=True))
    def get_reuse(self, attachment: Attachment) -> list[dict[str, str | None]]:
        """List requests with the same picture, the most likely first."""
        return [
            {"reference": None if reuse.request is None else reuse.request.reference, "likelihood": reuse.likelihood}
            for reuse in self._seen_again().get(attachment.pk, ())
        ]

    def _seen_again(self) -> dict[UUID, list[SeenAgain]]:
        """Look for all files of the page at once."""
        kept: dict[str, Any] = vars(self.context["view"])
        if "seen_again" not in kept:
            many: Any = self.parent
            listed: list[Any] = [self.instance] if many is None else list(many.instance)
            kept["seen_again"] = seen_again(listed, viewer=self.context["request"].user)
        found: dict[UUID, list[SeenAgain]] = kept["seen_again"]
        return found

    @extend_schema_field(OpenApiTypes.URI)
    def get_file(self, attachment: Attachment) -> str:
        """Say where the file is asked for."""
        arguments = [self.context["view"].kwargs["reference"], attachment.pk]
        return reverse("refunds_api:evidence_file", args=arguments, request=self.context["request"])


class EvidenceBody(ExactSerializer):
    """A file and what it is."""

    kind = serializers.ChoiceField(EvidenceKind.choices)
    file = serializers.FileField(allow_empty_file=True)


class FilePage(ExactSerializer):
    """Which page of a file."""

    page = serializers.IntegerField(required=False, min_value=1)


class MessageAnswer(serializers.Serializer[Any]):
    """What the customer was told, word for word."""

    id = serializers.UUIDField()
    template = serializers.CharField()
    language = serializers.CharField()
    wanted_language = serializers.CharField()
    channel = serializers.CharField()
    edition = serializers.IntegerField(source="edition.number", default=None, allow_null=True)
    to = serializers.CharField()
    subject = serializers.CharField(source="subject_line")
    body = serializers.CharField()
    body_sha256 = serializers.CharField()
    state = serializers.CharField()
    reviewer = serializers.CharField(source="reviewed_by.username", default=None, allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    failure = serializers.CharField()
    written_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)


class TrailView(ApiView):
    """An address below one request."""

    def found(self, reference: str) -> RefundRequest:
        """Find the request.

        :raises Http404: for whoever may not see it
        """
        refund_request = visible_to(self.caller).select_related("team").filter(reference=reference).first()
        if refund_request is None:
            raise Http404
        return refund_request


class Timeline(TrailView):
    """What happened."""

    asks = {"GET": "evidence.view_ledgerentry"}

    @extend_schema(
        operation_id="read_timeline",
        summary="Read what happened, oldest first",
        tags=["Evidence"],
        parameters=[PageQuery],
        responses=page_of(TimelineAnswer),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer the ledger entries of the request with their hashes."""
        self.query(PageQuery)
        return self.page(timeline_of(self.found(reference).subject), TimelineAnswer, OldestFirst)


class Messages(TrailView):
    """What the customer was told."""

    asks = {"GET": "evidence.view_customermessage"}

    @extend_schema(
        operation_id="list_messages",
        summary="List the messages to the customer",
        tags=["Evidence"],
        parameters=[PageQuery],
        responses=page_of(MessageAnswer),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        self.query(PageQuery)
        return self.page(messages_of(self.found(reference).subject), MessageAnswer, NewestMessages)


class Evidence(TrailView):
    """What proves it."""

    asks = {"GET": "evidence.view_attachment", "POST": "evidence.add_attachment"}
    parser_classes = [FileBody]

    @extend_schema(
        operation_id="list_evidence",
        summary="List the evidence",
        tags=["Evidence"],
        parameters=[PageQuery],
        responses=page_of(EvidenceAnswer),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer every file of the request, oldest first."""
        self.query(PageQuery)
        return self.page(attachments_of(self.found(reference).subject, viewer=self.caller), EvidenceAnswer, OldestFiles)

    @extend_schema(
        operation_id="add_evidence",
        summary="Attach a picture or a PDF",
        tags=["Evidence"],
        request={"multipart/form-data": EvidenceBody},
        responses={CREATED: EvidenceAnswer},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Attach a picture or a PDF. The same bytes again give the first attachment again."""
        refund_request = self.found(reference)
        body = self.read(EvidenceBody)
        attachment = attach(
            subject=refund_request.subject,
            team=refund_request.team,
            kind=body["kind"],
            file=body["file"],
            actor=self.caller,
            at=timezone.now(),
        )
        return Response(EvidenceAnswer(attachment, context={"request": request, "view": self}).data, CREATED)


class EvidenceFile(TrailView):
    """One file."""

    asks = {"GET": "evidence.view_attachment"}

    @extend_schema(
        operation_id="read_evidence_file",
        summary="Get the address of a file, good for a minute",
        tags=["Evidence"],
        parameters=[FilePage],
        responses={302: OpenApiResponse(description="`Location` serves the picture for 60 seconds, without a token.")},
    )
    def get(self, request: Request, reference: str, attachment_id: UUID) -> HttpResponseRedirect:
        """Note who opens the file, then send the caller to it."""
        page = self.query(FilePage).get("page", 1)
        attachment = attachments_of(self.found(reference).subject, viewer=self.caller).filter(pk=attachment_id).first()
        if attachment is None or not attachment.is_shown or page > attachment.page_count:
            raise Http404
        record_opening(attachment=attachment, viewer=self.caller, page=page, at=timezone.now())
        token = token_for(attachment, viewer=self.caller, page=page)
        return HttpResponseRedirect(reverse("refunds_api:evidence_content", args=[token], request=request))


class EvidenceContent(ApiView):
    """The picture itself, for whoever was given the fresh address; opening it was noted when it was given."""

    permission_classes = []

    @extend_schema(
        operation_id="read_evidence_content",
        summary="Read a picture by its short-lived address",
        tags=["Evidence"],
        auth=[],
        responses={(200, SHOWN_MEDIA_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        """Serve a drawn page; to somebody else who says who she is, the address leads nowhere."""
        viewer_id = viewer_in(token, seconds=ADDRESS_IS_GOOD_FOR_SECONDS)
        viewer = None if viewer_id is None else User.objects.filter(pk=viewer_id, is_active=True).first()
        is_lent = request.user.is_authenticated and request.user.pk != viewer_id
        link = None if viewer is None or is_lent else link_in(token, viewer=viewer, seconds=ADDRESS_IS_GOOD_FOR_SECONDS)
        if link is None:
            raise Http404
        return picture_alone(link)
