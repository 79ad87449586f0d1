"""A real sandbox process, and the gateway that the demo finds behind `STRIPE_API_BASE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refunds.gateways.conftest import ear, heard_sandbox  # noqa: F401 - fixtures
from tests.refunds.gateways.stage import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[SandboxProcess]:
    """Start a sandbox for one test."""
    process = SandboxProcess(tmp_path / "books")
    process.start()
    settings.STRIPE_API_BASE = process.address
    settings.MEDIA_ROOT = tmp_path / "media"
    yield process
    process.stop()
