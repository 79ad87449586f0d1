"""The documentation of the API in a real browser, with the strict CSP on: it draws itself and nothing is blocked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestTheDocumentation:
    def test_draws_every_operation_and_hands_the_schema_out(self, page_as: PageAs) -> None:
        page = page_as()
        page.goto("/api/docs/")
        page.wait_for_selector("#operations-Decisions-ask_for_decision")

        with page.expect_download() as taken:
            page.get_by_role("link", name="Download the OpenAPI 3.1 schema (JSON)").click()

        saved = json.loads(Path(taken.value.path()).read_text())
        assert taken.value.suggested_filename == "Redress.json"
        assert page.locator(".opblock").count() == sum(len(operations) for operations in saved["paths"].values())
