"""People and things that evidence is about."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from config.kernel.ids import new_id
from config.kernel.people import Team, User, assign_to_teams
from config.kernel.subjects import Subject

from .flushing import append_only_tables_can_be_flushed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

__all__ = ["append_only_tables_can_be_flushed"]

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def subject() -> Subject:
    """Something with a life, of a kind evidence has never heard of."""
    return Subject("plea", new_id())


@pytest.fixture
def north(db: None) -> Team:
    """The team that Nora works for."""
    return Team.objects.create(slug="north", name="North", currency="GBP")


@pytest.fixture
def south(db: None) -> Team:
    """The team that Stan works for, strangers to North."""
    return Team.objects.create(slug="south", name="South", currency="GBP")


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person of a team with some rights of evidence."""

    def make(username: str, team: Team | None = None, *rights: str, **columns: bool) -> User:
        made = User.objects.create_user(username, **columns)
        made.user_permissions.set(Permission.objects.filter(content_type__app_label="evidence", codename__in=rights))
        assign_to_teams(user=made, teams=[team] if team else [])
        return User.objects.get(pk=made.pk)

    return make


@pytest.fixture
def nora(person: Callable[..., User], north: Team) -> User:
    """Nora works for North and may see its files and messages."""
    return person("nora", north, "view_attachment", "view_customermessage")


@pytest.fixture
def stan(person: Callable[..., User], south: Team) -> User:
    """Stan may see files and messages, but of South."""
    return person("stan", south, "view_attachment", "view_customermessage")


@pytest.fixture(autouse=True)
def private_files(settings: SettingsWrapper, tmp_path: Path) -> Path:
    """Keep files of a test in its own folder."""
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        },
    }
    return folder


def drawing(name: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """Draw a small picture with a gradient and print it in a format."""
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    written = io.BytesIO()
    picture.save(written, name, **options)
    return written.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """Send bytes under a name."""
    return SimpleUploadedFile(name, content)
