"""Saying goodbye to an operation. None of ours is on its way out now; the one here lives in this test alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from config.kernel.bodies import NoBody
from config.kernel.deprecation import NOTICE, Deprecation
from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from tests.architecture.addresses import patterns

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import Settings
    from rest_framework.request import Request

    from .conftest import Caller

GOODBYE = Deprecation(
    since=datetime(2026, 11, 1, tzinfo=UTC),
    gone_at=datetime(2027, 5, 1, tzinfo=UTC),
    more="https://redress.example.com/api/docs/",
    successor="https://redress.example.com/api/v1/new",
)


class OldAddress(ApiView):
    """Reads as before, and may be written to no longer than until May."""

    deprecations = {"POST": GOODBYE}

    @extend_schema(operation_id="read_old", responses=NoBody)
    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({})

    @extend_schema(operation_id="write_old", request=None, responses=NoBody)
    def post(self, request: Request) -> Response:
        """Refuse, because a no says goodbye too."""
        raise Refused("refused", "No.")


class _Addresses:
    urlpatterns = [path("api/v1/old", OldAddress.as_view()), path("", include("config.urls"))]


def check_goodbyes(document: dict[str, Any], found: list[tuple[str, Any]]) -> list[str]:
    """List what breaks the law: deprecated in the schema and nowhere said, or said and not deprecated."""
    said = {f"{method.lower()} {address}" for address, view in found for method in getattr(view, "deprecations", {})}
    marked = {
        f"{method} {address}"
        for address, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation.get("deprecated")
    }
    return sorted(said ^ marked)


@pytest.mark.django_db
class TestADeprecatedOperation:
    @pytest.fixture(autouse=True)
    def old_address(self, settings: Settings) -> None:
        settings.ROOT_URLCONF = _Addresses

    def test_says_since_when_until_when_and_what_instead(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("amir").post("old")

        assert answer.status_code == 422
        assert answer["Deprecation"] == "@1793491200"
        assert answer["Sunset"] == "Sat, 01 May 2027 00:00:00 GMT"
        assert answer["Link"] == (
            '<https://redress.example.com/api/docs/>; rel="deprecation"; type="text/html", '
            '<https://redress.example.com/api/docs/>; rel="sunset"; type="text/html", '
            '<https://redress.example.com/api/v1/new>; rel="successor-version"'
        )

    def test_leaves_the_others_of_its_address_alone(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("amir").get("old")

        assert answer.status_code == 200
        assert not {"Deprecation", "Sunset", "Link"} & set(answer.headers)

    def test_is_marked_in_the_schema(self) -> None:
        generator: Any = SchemaGenerator
        document = generator(patterns=_Addresses.urlpatterns[:1]).get_schema(public=True)

        assert document["paths"]["/api/v1/old"]["post"]["deprecated"] is True
        assert "deprecated" not in document["paths"]["/api/v1/old"]["get"]
        assert check_goodbyes(document, [("/api/v1/old", OldAddress)]) == []
        assert check_goodbyes(document, []) == ["post /api/v1/old"]

    def test_is_not_gone_within_half_a_year(self) -> None:
        soon = GOODBYE.since + NOTICE - timedelta(seconds=1)
        with pytest.raises(ValueError, match="180 days before it is gone"):
            Deprecation(since=GOODBYE.since, gone_at=soon, more=GOODBYE.more)


class TestEveryOperation:
    def test_that_is_deprecated_says_so_in_its_answers(self) -> None:
        document = Client().get("/api/schema/?format=json").json()
        found = [
            ("/" + route, getattr(view, "cls", None)) for _, route, view in patterns() if route.startswith("api/v1")
        ]

        assert check_goodbyes(document, found) == []
