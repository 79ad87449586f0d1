"""Files that are no pictures, no statements, or too much: a clear answer, nothing kept."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from .conftest import order_body, request_body
from .test_bad_input import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'


class TestEvidence:
    """POST /refund-requests/{reference}/evidence."""

    @pytest.fixture
    def path(self, calling: Callable[[str], Caller]) -> str:
        calling("bot").post("orders", order_body())
        reference = calling("amir").post("refund-requests", request_body(submit=False)).json()["reference"]
        return f"refund-requests/{reference}/evidence"

    @pytest.mark.parametrize(
        ("file", "kind", "status", "code"),
        [
            (SimpleUploadedFile("a.png", b"not a picture"), "photo", 415, "unsupported_media_type"),
            (SimpleUploadedFile("a.png", b""), "photo", 415, "unsupported_media_type"),
            (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"\0" * 20 * 1024 * 1024), "photo", 413, "too_large"),
            (SimpleUploadedFile("a.png", b"x"), "poem", 400, "invalid"),
            ("no file", "photo", 400, "invalid"),
        ],
    )
    def test_refuses(
        self, calling: Callable[[str], Caller], path: str, file: Any, kind: str, status: int, code: str
    ) -> None:
        before = rows()
        answer = calling("amir").upload(path, file=file, kind=kind)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert rows() == before

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"garbage", FORM),
            (b"garbage", "multipart/form-data"),
            (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc', FORM),
            (PART * 2000, FORM),
        ],
    )
    def test_refuses_a_broken_form(
        self, calling: Callable[[str], Caller], path: str, body: bytes, content_type: str
    ) -> None:
        before = rows()
        answer = calling("amir").raw(path, body, content_type)
        assert answer.status_code in {400, 413, 415}, answer.content
        assert rows() == before

    def test_takes_a_picture_and_serves_it_for_a_minute(self, calling: Callable[[str], Caller], path: str) -> None:
        stream = io.BytesIO()
        Image.new("RGB", (32, 32), "red").save(stream, "PNG")
        answer = calling("amir").upload(path, file=SimpleUploadedFile("a.png", stream.getvalue()), kind="photo")
        assert answer.status_code == 201, answer.json()
        listed = calling("amir").get(path).json()["results"]
        assert [item["id"] for item in listed] == [answer.json()["id"]]
        assert listed[0]["reuse"] == []
        sent_on = calling("amir").client.get(listed[0]["file"])
        assert sent_on.status_code == 302
        calling("amir").client.credentials()
        assert calling("dana").client.get(sent_on["Location"]).status_code == 404
        bent = sent_on["Location"].replace("evidence-content/", "evidence-content/x")
        assert calling("amir").client.get(bent).status_code == 404
        with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
            assert APIClient().get(sent_on["Location"]).status_code == 404
        served = APIClient().get(sent_on["Location"])
        assert served["Cache-Control"] == "private, no-store"
        assert served.status_code == 200
        assert served["Content-Type"] == "image/webp"


class TestAStatement:
    """POST /statements."""

    @pytest.mark.parametrize(
        ("file", "status", "code"),
        [
            (SimpleUploadedFile("a.csv", b"a,b\n1,2\n"), 422, "broken_statement"),
            (SimpleUploadedFile("a.csv", b""), 422, "broken_statement"),
            (SimpleUploadedFile("a.pdf", b"%PDF-1.4"), 415, "unsupported_media_type"),
            (SimpleUploadedFile("a.csv", b"\xff\xfe\x00"), 415, "unsupported_media_type"),
        ],
    )
    def test_that_is_broken_is_refused(
        self, calling: Callable[[str], Caller], file: Any, status: int, code: str
    ) -> None:
        before = rows()
        answer = calling("lena").upload("statements", account="stripe", file=file)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert rows() == before
