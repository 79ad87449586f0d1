"""Evidence to take home: the bundle of a request while the caller waits, that of a population as a job."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kernel.bodies import CountField, CurrencyField, ExactSerializer, FlagField, PageQuery, WordField
from config.kernel.jobs_api import JobAnswer
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from config.kernel.web import LARGEST_NUMBER
from evidence.bundles.keeping import bundles_of, stop_bundle
from evidence.bundles.packing import MEDIA_TYPE
from refunds.bundles.asking import TAKES_POPULATION, TAKES_REQUEST, ask_for_population, ask_for_request, take_bundle
from refunds.bundles.populations import DATED_BY, LONGEST_SEED, MOST_SAMPLED, Population
from refunds.views.bundles import file_of
from refunds.vocabulary import State

from .trail import TrailView

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from evidence.models import Bundle
    from refunds.models import RefundRequest

ACCEPTED: Final = 202
LOOKS_AGAIN_AFTER_SECONDS: Final = 0.1
FRESH_FOR: Final = timedelta(minutes=10)


class NewestBundles(CursorPages):
    """Newest first."""

    ordering = ("-asked_at", "-id")


class BundleQuery(ExactSerializer):
    """What goes into the bundle of a request."""

    files = serializers.BooleanField(required=False, default=False)
    known_checkpoint = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER)


class PopulationBody(ExactSerializer):
    """A period of whole days (UTC), filters, and the sample."""

    dated_by = serializers.ChoiceField(list(DATED_BY), default="created_at")
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    team = WordField(required=False, default="", max_length=60)
    state = serializers.ChoiceField([*State.values], required=False, default="")
    currency = CurrencyField(required=False, default="")
    reason = WordField(required=False, default="", max_length=40)
    exception_code = WordField(required=False, default="", max_length=40)
    sample_size = CountField(min_value=1, max_value=MOST_SAMPLED)
    seed = WordField(required=False, default="", max_length=LONGEST_SEED)
    files = FlagField(required=False, default=False)
    known_checkpoint = CountField(required=False, allow_null=True, default=None, min_value=1, max_value=LARGEST_NUMBER)


class BundleAnswer(serializers.Serializer[Any]):
    """A bundle, and how far it is; `file` is null until it can be taken."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    parameters = serializers.DictField()
    asked_at = serializers.DateTimeField()
    job = JobAnswer()
    size_bytes = serializers.IntegerField()
    manifest_sha256 = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    file = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_file(self, bundle: Bundle) -> str | None:
        """Say where it is taken from."""
        if bundle.built_at is None or bundle.removed_at is not None:
            return None
        return reverse("refunds_api:bundle_file", args=[bundle.pk], request=self.context["request"])


class BundleView(ApiView):
    """An address of the caller's own bundles."""

    def own(self, bundle_id: UUID) -> Bundle:
        """Find a bundle. :raises Http404: when it is somebody else's"""
        found = bundles_of(self.caller).filter(pk=bundle_id).first()
        if found is None:
            raise Http404
        return found

    def told(self, bundle: Bundle, status: int = 200) -> Response:
        """Answer how far a bundle is."""
        return Response(BundleAnswer(bundle, context={"request": self.request}).data, status)


class RequestBundle(TrailView):
    """What an auditor takes home of one request."""

    asks = {"GET": TAKES_REQUEST}

    @extend_schema(
        operation_id="read_bundle",
        summary="Take the evidence bundle of a request",
        tags=["Evidence"],
        parameters=[BundleQuery],
        responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY, 202: BundleAnswer},
    )
    def get(self, request: Request, reference: str) -> HttpResponseBase:
        """Build the ZIP while the caller waits; `python3 verify.py` in the unpacked folder verifies it.

        Where the worker that signs has more to do than anybody waits for, the answer is 202 and says where to ask;
        asking here again finds the same one.
        """
        refund_request, query = self.found(reference), self.query(BundleQuery)
        bundle = self._waiting_for(refund_request, query) or ask_for_request(
            refund_request=refund_request,
            has_files=query["files"],
            known_checkpoint=query.get("known_checkpoint"),
            actor=self.caller,
            at=timezone.now(),
        )
        deadline = time.monotonic() + settings.BUNDLE_PATIENCE_SECONDS
        while not bundle.job.is_over and time.monotonic() < deadline:
            time.sleep(LOOKS_AGAIN_AFTER_SECONDS)
            bundle = bundles_of(self.caller).get(pk=bundle.pk)
        if bundle.built_at is None:
            return Response(
                BundleAnswer(bundle, context={"request": request}).data, ACCEPTED, headers={"Retry-After": "5"}
            )
        take_bundle(bundle=bundle, actor=self.caller, at=timezone.now())
        return file_of(bundle)

    def _waiting_for(self, refund_request: RefundRequest, query: dict[str, Any]) -> Bundle | None:
        """Find the one that was asked for a moment ago and not taken yet; an older one lacks what came since."""
        mine = bundles_of(self.caller).filter(
            subject_id=refund_request.pk,
            has_files=query["files"],
            known_checkpoint=query.get("known_checkpoint"),
            downloads=None,
            asked_at__gt=timezone.now() - FRESH_FOR,
            removed_at=None,
            job__state__in=["queued", "running", "succeeded"],
        )
        return mine.first()


class Bundles(BundleView):
    """The caller's own bundles."""

    asks = {"GET": TAKES_REQUEST, "POST": TAKES_POPULATION}

    @extend_schema(
        operation_id="list_bundles",
        summary="List one's own bundles",
        tags=["Evidence"],
        parameters=[PageQuery],
        responses=page_of(BundleAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        self.query(PageQuery)
        return self.page(bundles_of(self.caller), BundleAnswer, NewestBundles)

    @extend_schema(
        operation_id="ask_for_population",
        summary="Have a sample of a population built",
        tags=["Evidence"],
        request=PopulationBody,
        responses={ACCEPTED: BundleAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Queue the bundle; without a seed one is made up and told."""
        body = self.read(PopulationBody)
        words = {name: body.pop(name) for name in ("sample_size", "seed", "files", "known_checkpoint")}
        bundle = ask_for_population(
            population=Population(**body),
            sample_size=words["sample_size"],
            seed=words["seed"],
            has_files=words["files"],
            known_checkpoint=words["known_checkpoint"],
            actor=self.caller,
            at=timezone.now(),
        )
        return self.told(bundle, ACCEPTED)


class OneBundle(BundleView):
    """One bundle of the caller's."""

    asks = {"GET": TAKES_REQUEST}

    @extend_schema(
        operation_id="read_one_bundle", summary="Read how far a bundle is", tags=["Evidence"], responses=BundleAnswer
    )
    def get(self, request: Request, bundle_id: UUID) -> Response:  # noqa: ARG002
        """Answer its job, and where it is taken from."""
        return self.told(self.own(bundle_id))


class CancelBundle(BundleView):
    """Stopping."""

    asks = {"POST": TAKES_REQUEST}

    @extend_schema(
        operation_id="cancel_bundle",
        summary="Stop building a bundle",
        tags=["Evidence"],
        request=None,
        responses=BundleAnswer,
    )
    def post(self, request: Request, bundle_id: UUID) -> Response:  # noqa: ARG002
        """Ask its job to stop; one that is over stays as it is."""
        bundle = self.own(bundle_id)
        stop_bundle(bundle=bundle, actor=self.caller)
        return self.told(self.own(bundle_id))


class BundleFile(BundleView):
    """The file."""

    asks = {"GET": TAKES_REQUEST}

    @extend_schema(
        operation_id="read_bundle_file",
        summary="Take a bundle home",
        tags=["Evidence"],
        responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, bundle_id: UUID) -> HttpResponseBase:  # noqa: ARG002
        """Hand out the ZIP; every taking is recorded."""
        bundle, at = self.own(bundle_id), timezone.now()
        if bundle.expires_at is None or bundle.expires_at <= at or bundle.removed_at is not None:
            raise Http404
        take_bundle(bundle=bundle, actor=self.caller, at=at)
        return file_of(bundle)
