"""A database that does not answer in time and a disk without room: a clear answer, and nothing half kept."""

from __future__ import annotations

import resource
import time
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image
from psycopg import sql

from config.api import is_out_of_service
from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject
from evidence.attachments import attach
from evidence.models import Attachment
from refunds.gateways.signature import signature_header
from refunds.models import Delivery
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.gateways.stage import SECRET

from .conftest import event_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from tests.harness.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def impatient() -> Iterator[None]:
    """Wait for no statement longer than a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")


@contextmanager
def standing_still(table: str) -> Iterator[None]:
    """Let nobody read or write a table, as on a disk that does not answer."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "host", "port", "password")
    with psycopg.connect(**{name: parameters[name] for name in names if parameters.get(name)}) as other:
        other.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield
        other.rollback()


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: what is written to a full disk ends as early."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def picture() -> SimpleUploadedFile:
    """Draw a photo of which each copy has another size."""
    drawn = BytesIO()
    Image.effect_noise((400, 300), 60).save(drawn, "PNG")
    return SimpleUploadedFile("box.png", drawn.getvalue(), "image/png")


def sent(raw: bytes) -> int:
    """Send a webhook as the processor does, and answer the status it gets."""
    headers = {"Stripe-Signature": signature_header(raw, SECRET, int(time.time()))}
    client = Client(raise_request_exception=False)
    return client.post("/webhooks/stripe/", raw, content_type="application/json", headers=headers).status_code


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
class TestADatabaseThatIsTooSlow:
    @pytest.mark.parametrize("path", ["/requests/", "/api/v1/refund-requests"])
    def test_is_told_to_people_and_programs_as_503(self, world: World, path: str) -> None:
        client = Client(raise_request_exception=False)
        client.force_login(settle("amir"))
        assert client.get(path).status_code == 200

        with standing_still("refunds_refundrequest"):
            answer = client.get(path)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        said = answer.json()["code"] if path.startswith("/api/") else answer.content.decode()
        assert said == "not_now" or "Nothing of what you sent was saved" in said
        assert client.get(path).status_code == 200

    def test_has_the_sender_of_a_webhook_send_it_again_and_keeps_it_once(self, world: World) -> None:
        raw = event_of("customer.created", "cus_1", "evt_slow")

        with standing_still("refunds_delivery"):
            assert sent(raw) == 503
        assert [sent(raw), sent(raw)] == [200, 200]

        assert Delivery.objects.filter(event_id="evt_slow").count() == 1


class TestADiskWithoutRoom:
    @pytest.mark.parametrize("size_bytes", [1_000, 30_000])
    def test_keeps_nothing_of_a_file_and_takes_it_once_there_is_room(
        self, size_bytes: int, world: World, settings: Settings, tmp_path: Path
    ) -> None:
        settings.STORAGES = settings.STORAGES | {
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": tmp_path, "base_url": None},
            }
        }
        subject, team, amir = Subject("plea", new_id()), Team.objects.get(slug="uk-retail"), settle("amir")

        with room_for(size_bytes), pytest.raises(OSError) as full:  # noqa: PT011 - its number is asserted
            attach(subject=subject, team=team, kind="photo", file=picture(), actor=amir, at=NOON)

        assert is_out_of_service(full.value)
        assert not Attachment.objects.filter(subject_id=subject.id).exists()
        assert files_below(tmp_path) == []
        attach(subject=subject, team=team, kind="photo", file=picture(), actor=amir, at=NOON)
        assert Attachment.objects.filter(subject_id=subject.id).count() == 1
        assert len(files_below(tmp_path)) >= 2
