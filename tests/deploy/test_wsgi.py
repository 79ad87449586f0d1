"""What stands before Django: a request it could not even make is made readable."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application, without_odd_charset


def asked(content_type: str) -> int:
    """Ask the served application for its health, with a query and this content type."""
    statuses: list[str] = []
    environ: dict[str, Any] = {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "0",
        "PATH_INFO": "/healthz",
        "QUERY_STRING": "a=b",
        "HTTP_HOST": "localhost",
        "wsgi.input": BytesIO(),
    }
    setup_testing_defaults(environ)
    list(application(environ, lambda status, *_rest: statuses.append(status)))
    return int(statuses[0].split()[0])


@pytest.mark.django_db
class TestTheApplication:
    @pytest.mark.parametrize("charset", ["hex", "rot13", '"base64"', "nonsense", "", "utf-8", "latin-1"])
    def test_answers_whatever_charset_is_named(self, charset: str) -> None:
        assert asked(f"text/plain; charset={charset}") == 200

    def test_leaves_the_boundary_of_a_form_alone(self) -> None:
        seen: list[str] = []

        def remembers(environ: dict[str, Any], _start_response: object) -> list[bytes]:
            seen.append(environ["CONTENT_TYPE"])
            return []

        inner = without_odd_charset(remembers)

        inner({"CONTENT_TYPE": "multipart/form-data; charset=hex; boundary=x1"}, lambda *_: None)
        inner({"CONTENT_TYPE": "application/json; charset=utf-8"}, lambda *_: None)

        assert seen == ["multipart/form-data; boundary=x1", "application/json; charset=utf-8"]
