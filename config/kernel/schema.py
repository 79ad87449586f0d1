"""What the OpenAPI document says of every address without being told each time."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from .problems import CODES, PROBLEM_TYPE
from .scopes import READ, READING, WRITE, area_of

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description=(
        "The same key and body within 24 hours hear the first answer again, with `Idempotency-Replayed: true`; "
        "the same key with another body is refused."
    ),
)

ANY_TEXT = r"^[^\u0000]*$"
SOME_TEXT = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
ALWAYS = ("400", "401", "403", "404", "422", "429")
ON_POST = ("409", "413", "415")


class Fault(serializers.Serializer[Any]):
    """One reason of a problem."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457: why the answer is no, for machines and for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    errors = Fault(many=True)  # type: ignore[assignment]  # the class keeps its fields elsewhere
    request_id = serializers.CharField()


class ApiSchema(AutoSchema):
    """Adds to each operation the problems it may answer, and to each POST the idempotency key."""

    def get_override_parameters(self) -> list[Any]:
        """Add the header that every POST honours."""
        found = list(super().get_override_parameters())
        return [*found, IDEMPOTENCY_KEY] if self.method == "POST" else found

    def get_operation(self, *words: Any, **named: Any) -> Any:
        """Add the scope that a token with scopes needs."""
        operation = super().get_operation(*words, **named)
        area = area_of(str(self.path).removeprefix("/"))
        if operation is not None and area:
            operation["x-scope"] = f"{area}:{READ if self.method in READING else WRITE}"
        return operation

    def is_deprecated(self) -> bool:
        """Say so where the view says goodbye to the method; no operation is deprecated in another way."""
        return str(self.method) in getattr(self.view, "deprecations", {})

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in ALWAYS + (ON_POST if self.method == "POST" else ()):
            if status not in bodies:
                answer: Any = self._get_response_for_code
                bodies[status] = answer(Problem, status, [PROBLEM_TYPE], direction)
                bodies[status]["description"] = CODES[int(status)].replace("_", " ").capitalize()
        return bodies


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # spectacular registers by magic
    """Names the bearer token in the document."""

    target_class = "config.kernel.bearer.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:  # noqa: ARG002
        """Describe it by RFC 6750."""
        return {"type": "http", "scheme": "bearer"}


class ExactShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # as above
    """Says of a body that names it does not know are refused, and what the body says of itself in `schema_rules`."""

    target_class = "config.kernel.bodies.ExactSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> Any:
        """Close the object."""
        write: Any = auto_schema._map_serializer  # noqa: SLF001 - spectacular's way
        shape = write(self.target, direction, bypass_extensions=True)
        for field in shape.get("properties", {}).values():
            # Left out it is empty, which sending it may not be: no default that could be sent.
            if field.get("default") == "" and (field.get("minLength") or "" not in field.get("enum", [""])):
                del field["default"]
        return {**shape, "additionalProperties": False, **getattr(self.target, "schema_rules", {})}


class WordShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # as above
    """Says of a text that it holds no NUL, and something beside blanks unless it may be blank."""

    target_class = "config.kernel.bodies.WordField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        """Write the pattern."""
        write: Any = auto_schema._map_serializer_field  # noqa: SLF001 - as above
        shape = write(self.target, direction, bypass_extensions=True)
        # Whether it may be null is added by whoever asks.
        return {**shape, "type": "string", "pattern": ANY_TEXT if self.target.allow_blank else SOME_TEXT}


@cache
def page_of(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Describe one page of a list."""
    fields = {
        "results": shape(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return inline_serializer(f"PageOf{shape.__name__}", fields)


def allow_anything_once(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """Say of what may hold anything that it may be null too; "either anything or null" would let null match twice."""
    for shape in result["components"]["schemas"].values():
        for field in shape.get("properties", {}).values():
            if field.get("oneOf") == [{}, {"type": "null"}]:
                del field["oneOf"]
    return result
