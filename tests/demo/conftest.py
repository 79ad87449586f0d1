"""A real sandbox process, and the gateway that the demo finds behind `STRIPE_API_BASE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import override_settings

from tests.refunds.gateways.conftest import ear, heard_sandbox  # noqa: F401 - fixtures
from tests.refunds.gateways.stage import SandboxProcess

from .shown import make_it, make_the_past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings
    from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[SandboxProcess]:
    """Start a sandbox for one test."""
    process = SandboxProcess(tmp_path / "books")
    process.start()
    settings.STRIPE_API_BASE = process.address
    settings.MEDIA_ROOT = tmp_path / "media"
    yield process
    process.stop()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, lasting_database: DjangoDbBlocker) -> Iterator[SandboxProcess]:
    """Show the demo's world to all tests of a module; they look at it and change nothing. Answers its sandbox."""
    yield from _made(make_it, tmp_path_factory, lasting_database)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, lasting_database: DjangoDbBlocker) -> Iterator[SandboxProcess]:
    """Show the months behind the demo's shops to all tests of a module, in the same way."""
    yield from _made(make_the_past, tmp_path_factory, lasting_database)


def _made(
    make: Callable[[pytest.MonkeyPatch], None],
    tmp_path_factory: pytest.TempPathFactory,
    lasting_database: DjangoDbBlocker,
) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("shown")
    process = SandboxProcess(folder / "books")
    process.start()
    told = {"STRIPE_API_BASE": process.address, "MEDIA_ROOT": folder / "media", "OUTBOX_WAKES_WORKERS": False}
    try:
        with override_settings(**told):
            with pytest.MonkeyPatch.context() as patched, lasting_database.unblock():
                make(patched)
            yield process
    finally:
        process.stop()
