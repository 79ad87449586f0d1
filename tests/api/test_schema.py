"""The OpenAPI document and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.test import Client

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
        served = sum(len(include.url_patterns) if hasattr(include, "url_patterns") else 0 for include in urlpatterns)
        assert len(document["paths"]) == served + 1  # one more for jobs
        approve = document["paths"]["/api/v1/refund-requests/{reference}/approve"]["post"]
        assert {"200", "400", "401", "403", "404", "409", "422", "429"} <= set(approve["responses"])
        assert "application/problem+json" in approve["responses"]["409"]["content"]
        assert "Idempotency-Key" in {parameter["name"] for parameter in approve["parameters"]}


class TestTheDocumentation:
    """GET /api/docs/."""

    def test_is_the_only_page_with_a_wider_policy(self) -> None:
        page = Client().get("/api/docs/")
        assert page.status_code == 200
        assert "script-src 'self'" in page["Content-Security-Policy"]
        assert "unsafe-eval" not in page["Content-Security-Policy"]
        assert "unsafe-inline" not in Client().get("/login/")["Content-Security-Policy"]

    def test_keeps_its_script_apart(self) -> None:
        page = Client().get("/api/docs/").content.decode()
        assert "SwaggerUIBundle({" not in page
        assert "?script=" in page
