"""What is turned away before anything looks at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.deploy.test_environment import PRODUCTION
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

SAID = [
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_PROXY_SSL_HEADER",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
]
ASK = f"import json, config.settings as s; print(json.dumps({{name: getattr(s, name) for name in {SAID!r}}}))"


def said_in_production(**more: str) -> dict[str, object]:
    outside = {**os.environ, **PRODUCTION, **more}
    ran = subprocess.run(
        [sys.executable, "-c", ASK], env=outside, cwd=configured.BASE_DIR, capture_output=True, check=True, text=True
    )
    found: dict[str, object] = json.loads(ran.stdout)
    return found


class TestMethods:
    @pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND", "CONNECT"])
    @pytest.mark.parametrize("path", ["/login/", "/healthz", "/api/v1/refund-requests", "/static/css/none.css"])
    def test_that_nobody_serves_are_refused_everywhere(self, method: str, path: str) -> None:
        answer = Client().generic(method, path, headers={"Cookie": "sessionid=secret"})

        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]
        assert b"secret" not in answer.content


@pytest.mark.django_db
class TestFolders:
    @pytest.mark.parametrize(
        "path",
        ["/static/", "/static/js/", "/static/css/", "/static", "/media/", "/var/", "/.git/config", "/static/../.env",
         "/static/%2e%2e/config/settings.py", "/static/js/..%2f..%2fmanage.py"],
    )  # fmt: skip
    def test_are_listed_and_left_by_nobody(self, path: str) -> None:
        client = Client()
        client.force_login(settle("root"))

        assert client.get(path).status_code == 404
        assert client.get("/static/js/app.js").status_code == 200


@pytest.mark.django_db
class TestInTheClear:
    @pytest.mark.parametrize("path", ["/api/v1/refund-requests", "/mcp", "/webhooks/stripe"])
    def test_programs_are_refused(self, settings: Settings, path: str) -> None:
        settings.SECURE_SSL_REDIRECT = True
        answer = Client().post(path, {}, content_type="application/json", headers={"Authorization": "Bearer secret"})

        assert answer.status_code == 403
        assert "Location" not in answer.headers
        assert "https" in answer.json()["detail"]

    def test_browsers_are_led_to_https(self, settings: Settings) -> None:
        settings.SECURE_SSL_REDIRECT = True

        assert Client().get("/login/").headers["Location"].startswith("https://")
        assert Client().get("/healthz").status_code == 200

    def test_nobody_comes_again_for_a_year(self, settings: Settings) -> None:
        for name, value in said_in_production().items():
            if name.startswith("SECURE_HSTS"):
                setattr(settings, name, value)
        answer = Client().get("/login/", secure=True)

        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "Strict-Transport-Security" not in Client().get("/login/").headers

    def test_nothing_changes_for_whoever_is_encrypted(self, settings: Settings) -> None:
        settings.SECURE_SSL_REDIRECT = True

        assert Client().get("/api/v1/refund-requests", secure=True).status_code == 401


class TestProduction:
    def test_names_its_cookies_so_that_no_neighbour_can_plant_one(self) -> None:
        said = said_in_production()

        assert (said["SESSION_COOKIE_NAME"], said["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
        assert said["SESSION_COOKIE_SECURE"] is said["CSRF_COOKIE_SECURE"] is True
        assert configured.SESSION_COOKIE_PATH == configured.CSRF_COOKIE_PATH == "/"
        assert configured.SESSION_COOKIE_DOMAIN is configured.CSRF_COOKIE_DOMAIN is None

    @pytest.mark.parametrize(("count", "believed"), [("1", ["HTTP_X_FORWARDED_PROTO", "https"]), ("0", None)])
    def test_believes_the_protocol_only_of_a_proxy_of_ours(self, count: str, believed: object) -> None:
        assert said_in_production(PROXY_COUNT=count)["SECURE_PROXY_SSL_HEADER"] == believed
