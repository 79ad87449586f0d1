"""What every answer tells browsers, and what they tell back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from config.kernel.browser_reports import MOST_KEPT, BrowserReport
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

REPORT = {
    "document-uri": "https://redress.example/requests/R-1/?q=carla@example.com",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/x.js?who=carla",
}


def send(told: Any, **more: Any) -> int:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    answer = Client(enforce_csrf_checks=True).post("/csp-reports", body, content_type="application/csp-report", **more)
    return answer.status_code


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path", ["/", "/login/", "/healthz", "/requests/", "/admin/", "/api/v1/refund-requests", "/nothing/here/"]
    )
    def test_keeps_other_sites_out(self, world: World, path: str) -> None:
        client = Client()
        client.force_login(settle("root"))
        headers = client.get(path).headers

        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "report-uri /csp-reports" in policy


class TestAReport:
    """Counted by kind, without queries and people."""

    def test_is_kept_without_what_was_asked_for(self) -> None:
        assert [send({"csp-report": REPORT}) for _ in range(3)] == [204] * 3

        kept = BrowserReport.objects.get()
        assert (kept.directive, kept.blocked, kept.path, kept.count) == (
            "script-src-elem",
            "https://evil.example/x.js",
            "/requests/R-1/",
            3,
        )

    @pytest.mark.parametrize(
        "told",
        [
            b"",
            b"{",
            b"\xff\xfe",
            [],
            {"csp-report": []},
            {"csp-report": {}},
            {"csp-report": {**REPORT, "effective-directive": ""}},
            b"[" * 4_000,
            b'{"csp-report": {"effective-directive": "' + b"x" * 9_000 + b'"}}',
        ],
    )
    def test_that_is_none_leaves_nothing(self, told: Any) -> None:
        assert send(told) == 204
        assert not BrowserReport.objects.exists()

    @pytest.mark.parametrize("address", ["\x00", "http://[", 7, None, "inline", "data:text/html,x", "x" * 900])
    def test_of_an_odd_address_breaks_nothing(self, address: Any) -> None:
        assert send({"csp-report": {**REPORT, "blocked-uri": address, "document-uri": address}}) == 204

    def test_is_taken_so_often_a_minute(self) -> None:
        for _ in range(70):
            send({"csp-report": REPORT})

        assert BrowserReport.objects.get().count == 60

    def test_of_a_new_kind_is_left_out_when_there_are_too_many(self) -> None:
        at = "2026-11-20T12:00:00+00:00"
        BrowserReport.objects.bulk_create(
            BrowserReport(directive="x", blocked=str(n), path="/", first_at=at, last_at=at) for n in range(MOST_KEPT)
        )
        send({"csp-report": REPORT})

        assert BrowserReport.objects.count() == MOST_KEPT
