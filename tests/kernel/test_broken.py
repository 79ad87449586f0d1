"""What somebody sees when the portal itself is broken: no database, no static files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import RequestFactory
from django.views import defaults

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings


class TestThePageOfABug:
    def test_needs_neither_the_database_nor_static_files(self, settings: Settings, tmp_path: Path) -> None:
        """No mark lets this test reach the database, and no manifest names a file."""
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = settings.STORAGES | {
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
        }

        answer = defaults.server_error(RequestFactory().get("/queue/"))

        assert answer.status_code == 500
        assert "The server could not finish this" in answer.text
        assert 'rel="stylesheet"' not in answer.text
