"""The habits of the REST API: permission before state, idempotent verbs, problems instead of pages."""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.utils import timezone
from rest_framework import status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from . import idempotency
from .asking_again import STEP_UP_REQUIRED
from .bearer import SpeedOfToken
from .bodies import ExactSerializer, JsonBody
from .pages import CursorPages
from .problems import LengthRequired, TooLarge, problem
from .refusals import NotPermitted
from .scopes import check_scope
from .tokens import ApiToken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.serializers import Serializer

    from .deprecation import Deprecation
    from .people import User

__all__ = ["ApiView", "CursorPages", "problem"]

LARGEST_FORM_BYTES = 32 * 1024 * 1024
"""More than any file that is taken, so that its own command names the limit; less than a disk."""

MOST_READ_PAST_BYTES = 128 * 1024 * 1024

_NOT_KEPT = {status.HTTP_401_UNAUTHORIZED, status.HTTP_429_TOO_MANY_REQUESTS}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class AlwaysJson(BaseContentNegotiation):
    """Answer JSON whatever `Accept` says: a problem in an unwelcome type still tells more than 406."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Choose by the type of the body."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:  # noqa: ARG002
        """Choose the only one."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """One address of the API.

    `asks` names the permission each method needs, asked before anything else is looked at; `deprecations` names the
    methods that will be gone, each with its goodbye. A POST with an
    `Idempotency-Key` is answered once; the same call within a day hears the same answer again.
    """

    asks: ClassVar[Mapping[str, str]] = {}
    deprecations: ClassVar[Mapping[str, Deprecation]] = {}
    parser_classes = [JsonBody]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    throttle_classes = [SpeedOfToken]
    metadata_class = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    request: Request

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Give the call a name that its answer and our logs share."""
        # A charset such as "hex" is known to Python and would break the query string.
        request.encoding = "utf-8"
        told = request.headers.get("X-Request-ID", "")
        known = structlog.contextvars.get_contextvars().get("request_id") or str(uuid.uuid4())
        name = told if REQUEST_ID.fullmatch(told) else str(known)
        request.request_id = name  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=name):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, ask for the permission, then take the key or find the stored answer."""
        super().initial(request, *args, **kwargs)
        if any(isinstance(part, str) and "\x00" in part for part in kwargs.values()):
            raise Http404  # PostgreSQL stores no NUL, so nothing is called that
        if request.method != "POST":
            return
        _check_size(request)
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return
        fingerprint = idempotency.fingerprint_of(
            method="POST", path=_raw(request).get_full_path(), parts=_parts_of(request)
        )
        answer = idempotency.begin(caller=self.caller, key=key, fingerprint=fingerprint, at=timezone.now())
        if answer is not None:
            raise _AnsweredBefore(answer)
        self._key_taken = key

    def check_permissions(self, request: Request) -> None:
        """Ask for the scope of the token, and for the permission of the method.

        :raises NotPermitted: naming the scope or the right that is missing
        """
        super().check_permissions(request)
        if isinstance(request.auth, ApiToken):
            check_scope(request.auth, request)
        needed = self.asks.get("GET" if request.method == "HEAD" else str(request.method))
        if needed is not None and not self.caller.has_perm(needed):
            raise NotPermitted(
                "not_permitted", f"This needs the right “{needed}”. An administrator grants it with a role."
            )

    @property
    def caller(self) -> User:
        """Whoever calls; known, because nothing here is open to strangers."""
        return cast("User", self.request.user)

    def shown(self, rows: QuerySet[Any], shape: type[Serializer[Any]], status: int = 200) -> Response:
        """Answer the one row there is, in this shape.

        :raises Http404: where there is none, or the caller may not see it
        """
        found = rows.first()
        if found is None:
            raise Http404
        return Response(shape(found, context={"request": self.request, "view": self}).data, status)

    def read(self, shape: type[Serializer[Any]]) -> dict[str, Any]:
        """Read the body in this shape.

        :raises ValidationError: with every fault of it
        """
        words = shape(data=self.request.data, context={"request": self.request, "view": self})
        words.is_valid(raise_exception=True)
        return cast("dict[str, Any]", words.validated_data)

    def query(self, shape: type[ExactSerializer]) -> dict[str, Any]:
        """Read the query string in this shape.

        :raises ValidationError: with every fault of it, unknown names included
        """
        words = shape(data=self.request.query_params)
        words.is_valid(raise_exception=True)
        return cast("dict[str, Any]", words.validated_data)

    def page(self, rows: Any, shape: type[Serializer[Any]], pages: type[CursorPages] = CursorPages) -> Response:
        """Answer one page of `rows`, each in this shape."""
        paginator = pages()
        cut = paginator.paginate_queryset(rows, self.request, self)
        shown = shape(cut, many=True, context={"request": self.request, "view": self})
        return paginator.get_paginated_response(shown.data)

    def handle_exception(self, exc: Exception) -> Response:
        """Give the stored answer again, or answer the problem; a bug gives the key back and goes on crashing."""
        if isinstance(exc, _AnsweredBefore):
            return cast("Response", exc.response())
        try:
            return super().handle_exception(exc)
        except Exception:
            # Nothing was done, so the caller's next try must not be told that one is under way; the bug crashes on.
            key = getattr(self, "_key_taken", None)
            if key is not None:
                with suppress(DatabaseError):
                    idempotency.forget(caller=self.caller, key=key)
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the call, forbid caches, and store what the caller is told once it is rendered."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["X-Request-ID"] = getattr(request, "request_id", "")
        response.headers.setdefault("Cache-Control", "no-store, private")
        goodbye = self.deprecations.get(str(request.method))
        if goodbye is not None:
            goodbye.say_in(response)
        key = getattr(self, "_key_taken", None)
        if key is not None and isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: self._store(key, rendered))
        return response

    def _store(self, key: str, response: HttpResponse) -> None:
        is_broken = response.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR
        if is_broken or response.status_code in _NOT_KEPT or _asks_who_calls(response):
            idempotency.forget(caller=self.caller, key=key)
            return
        answer = idempotency.Answer(response.status_code, response.content, response.headers["Content-Type"])
        idempotency.keep(caller=self.caller, key=key, answer=answer)


class _AnsweredBefore(Exception):
    def __init__(self, answer: idempotency.Answer) -> None:
        super().__init__("answered before")
        self.answer = answer

    def response(self) -> HttpResponse:
        replay = HttpResponse(self.answer.body, status=self.answer.status, content_type=self.answer.content_type)
        replay.headers["Idempotency-Replayed"] = "true"
        return replay


def _asks_who_calls(response: HttpResponse) -> bool:
    """Tell whether nothing was looked at yet: once she has shown who she is, the same key is to be of use."""
    told = getattr(response, "data", None)
    return isinstance(told, dict) and told.get("code") == STEP_UP_REQUIRED


def _raw(request: Request) -> HttpRequest:
    return request._request  # noqa: SLF001


def _check_size(request: Request) -> None:
    """Refuse a body that is larger than anything taken here, or whose size nobody says.

    :raises TooLarge: after reading past some of it, because a client that still sends does not hear us
    :raises LengthRequired: for a chunked body, which Django would silently take for an empty one
    """
    raw = _raw(request)
    told = str(raw.META.get("CONTENT_LENGTH") or "")
    if "Transfer-Encoding" in raw.headers and not told:
        raise LengthRequired
    limit = LARGEST_FORM_BYTES if _is_form(request) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not told.isdigit() or int(told) <= limit:
        return
    left = MOST_READ_PAST_BYTES
    while left > 0 and (chunk := raw.read(64 * 1024)):
        left -= len(chunk)
    raise TooLarge


def _is_form(request: Request) -> bool:
    return (request.content_type or "").lower().startswith("multipart/")


def _parts_of(request: Request) -> Iterator[bytes]:
    """List what was sent. A form is compared part by part: clients draw a new boundary each time they send it."""
    if not _is_form(request):
        yield _raw(request).body
        return
    sent: Iterable[tuple[str, list[Any]]] = cast("QueryDict", request.data).lists()
    for name, values in sorted(sent, key=lambda part: part[0]):
        for value in values:
            yield name.encode("utf-8", "replace")
            if hasattr(value, "chunks"):
                yield (value.name or "").encode("utf-8", "replace")
                yield value.read()
                value.seek(0)
            else:
                yield value.encode("utf-8", "replace")
