"""Every no of the API in one shape: RFC 9457 `application/problem+json`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from .refusals import NotPermitted, OutOfDate, Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest

PROBLEM_TYPE = "application/problem+json"

CODES = {
    status.HTTP_400_BAD_REQUEST: "invalid",
    status.HTTP_401_UNAUTHORIZED: "not_authenticated",
    status.HTTP_403_FORBIDDEN: "not_permitted",
    status.HTTP_404_NOT_FOUND: "not_found",
    status.HTTP_405_METHOD_NOT_ALLOWED: "method_not_allowed",
    status.HTTP_409_CONFLICT: "out_of_date",
    status.HTTP_411_LENGTH_REQUIRED: "length_required",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "too_large",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    status.HTTP_422_UNPROCESSABLE_ENTITY: "refused",
    status.HTTP_429_TOO_MANY_REQUESTS: "throttled",
    status.HTTP_500_INTERNAL_SERVER_ERROR: "internal_error",
    status.HTTP_503_SERVICE_UNAVAILABLE: "not_now",
}
"""RFC 9457 wants a code for machines beside the status."""

STATUS_OF_REFUSAL = {
    "too_large": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": status.HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    "invalid": status.HTTP_400_BAD_REQUEST,
}

KEPT_HEADERS = ("WWW-Authenticate", "Retry-After", "Allow")


class TooLarge(exceptions.APIException):
    """The body is larger than anything this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "This is larger than what is taken here."
    default_code = "too_large"


class LengthRequired(exceptions.APIException):
    """The body came without its size."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send the size of the body in Content-Length; a chunked body is not read here."
    default_code = "length_required"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every expected error as a problem; None lets a bug crash loudly."""
    request = context.get("request")
    request_id = str(getattr(request, "request_id", ""))
    if isinstance(error, Refused):
        status_code = STATUS_OF_REFUSAL.get(error.code, status.HTTP_422_UNPROCESSABLE_ENTITY)
        return _answer(body_of(status_code, error.code, error.detail, error.reasons, request_id=request_id))
    if isinstance(error, NotPermitted):
        return _answer(body_of(status.HTTP_403_FORBIDDEN, error.code, error.detail, request_id=request_id))
    if isinstance(error, OutOfDate):
        return _answer(body_of(status.HTTP_409_CONFLICT, error.code, error.detail, request_id=request_id))
    error = _in_words_of_the_framework(error)
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return answer
    reasons = tuple(_reasons(error.detail)) if isinstance(error, exceptions.ValidationError) else ()
    codes = {reason.code for reason in reasons}
    code = "unknown_field" if codes == {"unknown_field"} else CODES.get(answer.status_code, "invalid")
    detail = " ".join(dict.fromkeys(reason.detail for reason in reasons)) if reasons else str(error.detail)
    made = _answer(body_of(answer.status_code, code, detail, reasons, request_id=request_id))
    for name in KEPT_HEADERS:
        if name in answer.headers:
            made.headers[name] = answer.headers[name]
    return made


def told_of(error: Exception) -> dict[str, Any] | None:
    """Say of an expected error what its problem would, as a part of a larger answer; None for a bug."""
    answer = problem(error, {})
    return None if answer is None else {name: answer.data[name] for name in ("status", "code", "detail", "errors")}


def problem_page(request: HttpRequest, status_code: int, detail: str) -> JsonResponse:
    """Answer a problem outside any API view: an unknown address, a crash."""
    request_id = str(getattr(request, "request_id", ""))
    body = body_of(status_code, CODES[status_code], detail, request_id=request_id)
    return JsonResponse(body, status=status_code, content_type=PROBLEM_TYPE)


def body_of(
    status_code: int, code: str, detail: str, reasons: Iterable[Reason] = (), *, request_id: str = ""
) -> dict[str, Any]:
    """Write a problem down."""
    return {
        "type": f"urn:redress:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status_code,
        "code": code,
        "detail": _sayable(detail),
        "errors": [
            {"field": _sayable(reason.field), "code": reason.code, "detail": _sayable(reason.detail)}
            for reason in reasons
        ],
        "request_id": request_id or str(uuid.uuid4()),
    }


def _in_words_of_the_framework(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound("There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return TooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError("This request could not be read.")
    return error


def _reasons(detail: Any, path: str = "") -> Iterator[Reason]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _reasons(inner, _below(path, name))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            yield from _reasons(inner, f"{path}[{place}]" if isinstance(inner, dict) else path)
    else:
        yield Reason(str(getattr(detail, "code", "invalid")), str(detail), path)


def _below(path: str, name: str | int) -> str:
    if name == "non_field_errors":
        return path
    # A list of objects reports its faulty members by their number.
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")


def _sayable(text: str) -> str:
    # JSON may name half a surrogate pair, UTF-8 cannot; an answer that repeats it would not leave the house.
    # Nor would one with a NUL be kept.
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _answer(body: dict[str, Any]) -> Response:
    return Response(body, status=body["status"], content_type=PROBLEM_TYPE)
