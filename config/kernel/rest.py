"""The habits of the REST API: bearer tokens, problems, cursor pages, exact fields, idempotent verbs."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from . import idempotency
from .refusals import NotPermitted, OutOfDate, Reason, Refused
from .tokens import ApiToken

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from .people import User

USE_IS_NOTED_EVERY = timedelta(minutes=1)

CODES = {
    status.HTTP_400_BAD_REQUEST: "invalid",
    status.HTTP_401_UNAUTHORIZED: "not_authenticated",
    status.HTTP_403_FORBIDDEN: "not_permitted",
    status.HTTP_404_NOT_FOUND: "not_found",
    status.HTTP_405_METHOD_NOT_ALLOWED: "method_not_allowed",
    status.HTTP_406_NOT_ACCEPTABLE: "not_acceptable",
    status.HTTP_409_CONFLICT: "out_of_date",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "too_large",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    status.HTTP_422_UNPROCESSABLE_ENTITY: "refused",
    status.HTTP_429_TOO_MANY_REQUESTS: "throttled",
}
"""RFC 9457 wants a code for machines beside the status."""

STATUS_OF_REFUSAL = {"too_large": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "unsupported_media_type": 415, "invalid": 400}


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox carries no types
    """Find the caller by the hash of the token: one query, whatever bytes came."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Answer the caller and the token.

        :raises AuthenticationFailed: for an unknown, expired or disabled one
        """
        now = timezone.now()
        found = (
            ApiToken.objects.select_related("user")
            .filter(digest=hash_token(token.decode("ascii", "replace")))
            .first()
        )
        if found is None or (found.expiry is not None and found.expiry <= now) or not found.user.is_active:
            raise exceptions.AuthenticationFailed("This token is unknown or no longer valid.")
        if found.last_used_at is None or now - found.last_used_at > USE_IS_NOTED_EVERY:
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        return cast("User", found.user), found


class CursorPages(CursorPagination):
    """50 a page, up to 200, newest first, without a count."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: Any = ("-created_at", "-id")


class ExactSerializer(serializers.Serializer[Any]):
    """A body that refuses fields it does not know, so that a slip of the pen is heard."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - the signature of rest_framework
        """Read the body after checking its names."""
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: serializers.ErrorDetail("This field is not known here.", code="unknown_field") for name in unknown}
                )
        return super().to_internal_value(data)


class MinorField(serializers.IntegerField):
    """An amount in minor units: a whole JSON number, never a string, a decimal or a truth value."""

    def to_internal_value(self, data: Any) -> int:  # noqa: ANN401 - the signature of rest_framework
        """Refuse everything but an integer."""
        if type(data) is not int:
            raise serializers.ValidationError("Send a whole number of minor units.", code="invalid")
        return super().to_internal_value(data)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error as RFC 9457 `application/problem+json`; None lets a bug crash loudly."""
    request = context.get("request")
    if isinstance(error, Refused):
        code = STATUS_OF_REFUSAL.get(error.code, status.HTTP_422_UNPROCESSABLE_ENTITY)
        return _problem(request, code, error.code, error.detail, error.reasons)
    if isinstance(error, NotPermitted):
        return _problem(request, status.HTTP_403_FORBIDDEN, error.code, error.detail)
    if isinstance(error, OutOfDate):
        return _problem(request, status.HTTP_409_CONFLICT, error.code, error.detail)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return answer
    reasons = tuple(_reasons(error.detail)) if isinstance(error, exceptions.ValidationError) else ()
    codes = {reason.code for reason in reasons}
    code = "unknown_field" if codes == {"unknown_field"} else CODES.get(answer.status_code, "invalid")
    detail = " ".join(dict.fromkeys(reason.detail for reason in reasons)) if reasons else str(error.detail)
    made = _problem(request, answer.status_code, code, detail, reasons)
    for name, value in answer.headers.items():
        if name in {"WWW-Authenticate", "Retry-After"}:
            made.headers[name] = value
    return made


def _reasons(detail: Any, path: str = "") -> list[Reason]:  # noqa: ANN401 - a tree of lists, dicts and details
    if isinstance(detail, dict):
        return [
            reason
            for name, inner in detail.items()
            for reason in _reasons(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
        ]
    if isinstance(detail, list):
        return [
            reason
            for place, inner in enumerate(detail)
            for reason in _reasons(inner, f"{path}[{place}]" if isinstance(inner, dict) else path)
        ]
    return [Reason(str(getattr(detail, "code", "invalid")), str(detail), path)]


def _problem(
    request: Request | None, status_code: int, code: str, detail: str, reasons: tuple[Reason, ...] = ()
) -> Response:
    body = {
        "type": f"urn:redress:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status_code,
        "code": code,
        "detail": detail,
        "errors": [{"field": reason.field, "code": reason.code, "detail": reason.detail} for reason in reasons],
        "request_id": getattr(request, "request_id", "") or str(uuid.uuid4()),
    }
    return Response(body, status=status_code, content_type="application/problem+json")


class IdempotentView(APIView):
    """A view whose POSTs honour `Idempotency-Key`: the first answer is given again for a day."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401
        """Remember the raw body before anything reads it, so that its hash can be taken."""
        if request.method == "POST" and "Idempotency-Key" in request.headers:
            _ = request.body
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Authenticate, then take the key or find the stored answer."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return
        raw = request._request  # noqa: SLF001 - rest_framework offers no other way to the bytes
        fingerprint = idempotency.fingerprint_of(method="POST", path=raw.get_full_path(), body=raw.body)
        answer = idempotency.begin(caller=cast("User", request.user), key=key, fingerprint=fingerprint, at=timezone.now())
        if answer is not None:
            raise _AnsweredBefore(answer)
        self._key_taken = key

    def handle_exception(self, exc: Exception) -> Response:
        """Give the stored answer again, or answer the problem."""
        if isinstance(exc, _AnsweredBefore):
            return cast("Response", exc.response())
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Store what the caller is told, once it is rendered."""
        response = super().finalize_response(request, response, *args, **kwargs)
        key = getattr(self, "_key_taken", None)
        if key is not None and isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: self._store(request, key, rendered))
        return response

    def _store(self, request: Request, key: str, response: HttpResponse) -> None:
        caller = cast("User", request.user)
        if response.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR or response.status_code in _NOT_KEPT:
            idempotency.forget(caller=caller, key=key)
            return
        answer = idempotency.Answer(response.status_code, response.content, response.headers["Content-Type"])
        idempotency.keep(caller=caller, key=key, answer=answer)


_NOT_KEPT = {status.HTTP_401_UNAUTHORIZED, status.HTTP_429_TOO_MANY_REQUESTS}


class _AnsweredBefore(Exception):  # noqa: N818 - control flow between two hooks of one view
    def __init__(self, answer: idempotency.Answer) -> None:
        super().__init__("answered before")
        self.answer = answer

    def response(self) -> HttpResponse:
        replay = HttpResponse(self.answer.body, status=self.answer.status, content_type=self.answer.content_type)
        replay.headers["Idempotency-Replayed"] = "true"
        return replay
