"""People and things that evidence is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Permission

from config.kernel.ids import new_id
from config.kernel.people import Team, User, assign_to_teams
from config.kernel.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import Settings


@pytest.fixture
def subject() -> Subject:
    """Name something with a life, of a kind evidence has never heard of."""
    return Subject("plea", new_id())


@pytest.fixture
def north(db: None) -> Team:
    """Make the team that Nora works for."""
    return Team.objects.create(slug="north", name="North", currency="GBP")


@pytest.fixture
def south(db: None) -> Team:
    """Make the team that Stan works for, strangers to North."""
    return Team.objects.create(slug="south", name="South", currency="GBP")


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person of a team with some rights of evidence."""

    def make(username: str, team: Team | None = None, *rights: str, **columns: Any) -> User:
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
def private_files(settings: Settings, tmp_path: Path) -> Path:
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


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    """Name the file of a private key that is made when it is first needed."""
    file = tmp_path / "signing_key.pem"
    settings.SIGNING_KEY_FILE = str(file)
    return file
