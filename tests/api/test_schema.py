"""The OpenAPI document and its page."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver

from config.api import urlpatterns

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


class TestTheSchema:
    """GET /api/schema/."""

    def test_is_generated_without_a_warning(self, tmp_path: Path) -> None:
        written = tmp_path / "schema.yml"
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(written))
        assert written.read_text().startswith("openapi: 3.1.0")

    def test_names_every_address_and_its_problems(self) -> None:
        document = Client().get("/api/schema/?format=json").json()
        apps = [part for part in urlpatterns if isinstance(part, URLResolver)]
        served = sum(len(app.url_patterns) for app in apps)
        assert len(document["paths"]) == served + 1  # jobs belong to no app
        approve = document["paths"]["/api/v1/refund-requests/{reference}/approve"]["post"]
        assert {"200", "400", "401", "403", "404", "409", "422", "429"} <= set(approve["responses"])
        assert "application/problem+json" in approve["responses"]["409"]["content"]
        assert "Idempotency-Key" in {parameter["name"] for parameter in approve["parameters"]}


class TestTheDocumentation:
    """GET /api/docs/."""

    def test_allows_its_one_inline_style_and_nothing_else(self) -> None:
        page = Client().get("/api/docs/")
        (style,) = re.findall(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = page["Content-Security-Policy"]
        assert f"style-src 'self' 'sha256-{digest}'" in policy
        assert "script-src 'self';" in f"{policy};"
        assert "unsafe" not in policy

    def test_leaves_the_policy_of_other_pages_alone(self) -> None:
        Client().get("/api/docs/")
        policy = Client().get("/login/")["Content-Security-Policy"]
        assert "sha256" not in policy
        assert "data:" not in policy

    def test_lets_people_take_the_schema_home(self) -> None:
        page = Client().get("/api/docs/").content.decode()
        address = re.search(r'<a href="([^"]+)" download>', page)
        assert address is not None
        taken = Client().get(address[1])
        assert taken.json()["openapi"] == "3.1.0"
        assert taken["Content-Disposition"].endswith('.json"')

    def test_keeps_its_script_apart(self) -> None:
        page = Client().get("/api/docs/").content.decode()
        assert "SwaggerUIBundle({" not in page
        assert "?script=" in page
