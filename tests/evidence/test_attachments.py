"""Attachments: what is taken, what is refused, what is left of a picture."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from PIL import Image

from config.kernel.people import User
from config.kernel.refusals import Refused
from evidence import ledger, quotas
from evidence.attachments import attach, attach_prepared, attachments_of, kinds_of
from evidence.models import Attachment, LedgerEntry
from evidence.uploads import plain_name, prepare_upload
from tests.harness.races import in_the_same_instant, winners

from .builders import NOON, attach_one, drawing, stored, upload
from .hostile import BROKEN_PICTURES, NO_PICTURES, flood

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from config.kernel.people import Team
    from config.kernel.subjects import Subject


def files_in(folder: Path) -> list[Path]:
    """List what lies in storage."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.django_db
class TestAttach:
    """What `attach` takes and refuses."""

    @pytest.mark.parametrize(
        ("name", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
    )
    def test_takes_a_picture(self, subject: Subject, north: Team, nora: User, name: str, media_type: str) -> None:
        content = drawing(name)

        attachment = attach_one(subject, north, nora, content, "Box, dented.jpg")

        assert (attachment.kind, attachment.name, attachment.media_type) == ("photo", "Box, dented.jpg", media_type)
        assert (attachment.width_px, attachment.height_px) == (64, 48)
        assert (attachment.sha256, attachment.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert (attachment.added_by, attachment.added_at, attachment.team) == (nora, NOON, north)
        assert stored(attachment.original) == content
        with Image.open(io.BytesIO(stored(attachment.shown))) as shown:
            assert (shown.format, shown.size) == ("WEBP", (64, 48))

    def test_writes_it_into_the_ledger(self, subject: Subject, north: Team, nora: User) -> None:
        attachment = attach_one(subject, north, nora, drawing())

        entry = ledger.timeline_of(subject).get()
        assert (entry.kind, entry.actor, entry.sentence) == ("evidence.attached", nora, "attached evidence: photo.")
        digest = ledger.salted_digest(attachment.subject, attachment.sha256)
        assert f'"sha256_hmac":"{digest}"' in entry.payload
        assert attachment.sha256 not in entry.payload

    def test_gives_the_first_one_again_for_the_same_bytes(
        self, subject: Subject, north: Team, nora: User, private_files: Path
    ) -> None:
        first = attach_one(subject, north, nora, drawing())

        again = attach_one(subject, north, nora, drawing(), "other name.jpg")

        assert again == first
        assert attachments_of(subject, viewer=nora).count() == 1
        assert len(files_in(private_files)) == 3

    def test_takes_the_same_bytes_for_another_subject(self, subject: Subject, north: Team, nora: User) -> None:
        attach_one(subject, north, nora, drawing())
        attach_one(subject._replace(kind="other_plea"), north, nora, drawing())

        assert Attachment.objects.count() == 2

    def test_tells_which_kinds_there_are(self, subject: Subject, north: Team, nora: User) -> None:
        for kind, quality in (("photo", 50), ("photo", 60), ("receipt", 70)):
            file = upload(drawing(quality=quality))
            attach(subject=subject, team=north, kind=kind, file=file, actor=nora, at=NOON)

        assert kinds_of(subject) == {"photo", "receipt"}

    def test_refuses_one_more_than_the_limit(
        self, subject: Subject, north: Team, nora: User, private_files: Path, settings: Settings
    ) -> None:
        settings.EVIDENCE_LIMITS = {**settings.EVIDENCE_LIMITS, "files_per_subject": 2}
        for quality in (50, 60):
            attach_one(subject, north, nora, drawing(quality=quality))

        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, drawing(quality=70))

        assert refused.value.code == "too_many"
        assert attachments_of(subject, viewer=nora).count() == 2
        assert len(files_in(private_files)) == 6

    def test_refuses_a_kind_nobody_knows(self, subject: Subject, north: Team, nora: User, private_files: Path) -> None:
        with pytest.raises(Refused) as refused:
            attach(subject=subject, team=north, kind="selfie", file=upload(drawing()), actor=nora, at=NOON)

        assert (refused.value.code, refused.value.reasons[0].field) == ("invalid", "kind")
        assert not files_in(private_files)

    @pytest.mark.parametrize("name", NO_PICTURES)
    def test_refuses_what_is_no_picture_whatever_its_name(
        self, subject: Subject, north: Team, nora: User, private_files: Path, name: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, NO_PICTURES[name], name)

        assert refused.value.code == "unsupported_media_type"
        assert not files_in(private_files)
        assert not LedgerEntry.objects.exists()

    @pytest.mark.parametrize("name", BROKEN_PICTURES)
    def test_refuses_a_damaged_picture(
        self, subject: Subject, north: Team, nora: User, private_files: Path, name: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, BROKEN_PICTURES[name])

        assert refused.value.code == "not_an_image"
        assert not files_in(private_files)

    def test_refuses_twenty_megabytes_without_reading_them(self, subject: Subject, north: Team, nora: User) -> None:
        file = upload(drawing() + b"\x00" * 20_000_000)
        assert file.file is not None
        file.file.seek(17)

        with pytest.raises(Refused) as refused:
            attach(subject=subject, team=north, kind="photo", file=file, actor=nora, at=NOON)

        assert (refused.value.code, refused.value.reasons[0].field) == ("too_large", "file")
        assert file.tell() == 17

    def test_refuses_a_file_that_lies_about_its_size(self, subject: Subject, north: Team, nora: User) -> None:
        file = upload(drawing() + b"\x00" * quotas.limits().file_bytes)
        file.size = 1000

        with pytest.raises(Refused) as refused:
            attach(subject=subject, team=north, kind="photo", file=file, actor=nora, at=NOON)

        assert refused.value.code == "too_large"

    @pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
    @pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 10_000), (5_000, 4_001)])
    def test_refuses_a_flood_of_pixels(
        self, subject: Subject, north: Team, nora: User, private_files: Path, size: tuple[int, int]
    ) -> None:
        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, flood(*size))

        assert refused.value.code == "too_large"
        assert not files_in(private_files)


class TestPlainName:
    """What is kept of a file name."""

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("box.jpg", "box.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\box.jpg", "box.jpg"),
            ("two\r\nlines\x00.jpg", "twolines.jpg"),
            ("right\u202egpj.exe", "rightgpj.exe"),
            ("", "unnamed"),
            ("\u200b\n", "unnamed"),
            ("card 4111 1111 1111 1111.png", "unnamed.png"),
            ("a" * 400 + ".jpeg", "a" * 115 + ".jpeg"),
        ],
    )
    def test_keeps_what_may_be_shown(self, name: str, plain: str) -> None:
        assert plain_name(name) == plain

    def test_lets_a_long_name_through_the_whole_way(self, subject: Subject, north: Team, nora: User) -> None:
        attachment = attach_one(subject, north, nora, drawing(), "ä" * 250 + ".jpg")

        attachment.refresh_from_db()
        assert attachment.name == "ä" * 116 + ".jpg"


@pytest.mark.django_db
class TestPrepareUpload:
    """The slow half of attaching."""

    def test_stores_under_names_nobody_can_guess(self) -> None:
        first, second = prepare_upload(upload(drawing())), prepare_upload(upload(drawing()))

        names = {first.original, first.shown, second.original, second.shown}
        assert len(names) == 4
        assert all(len(name.rpartition("/")[2]) >= 43 and "photo" not in name for name in names)

    def test_leaves_nothing_behind_when_discarded(self, private_files: Path) -> None:
        prepare_upload(upload(drawing())).discard()

        assert not files_in(private_files)

    def test_can_be_attached_later(self, subject: Subject, north: Team, nora: User) -> None:
        prepared = prepare_upload(upload(drawing()))

        attachment = attach_prepared(
            subject=subject, team=north, kind="receipt", prepared=prepared, actor=nora, at=NOON
        )

        assert attachment.original.name == prepared.original


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Attaching with real transactions."""

    def test_never_hold_the_same_bytes_twice(self, subject: Subject, north: Team, nora: User) -> None:
        held = in_the_same_instant(*[partial(attach_one, subject, north, nora, drawing())] * 4)

        assert {attachment.pk for attachment in held if isinstance(attachment, Attachment)} == {
            attachments_of(subject, viewer=nora).get().pk
        }
        assert len(winners(held)) == 4

    def test_a_rollback_around_it_leaves_no_row(self, subject: Subject, north: Team, nora: User) -> None:
        with transaction.atomic():
            attach_one(subject, north, nora, drawing())
            transaction.set_rollback(True)

        assert not Attachment.objects.exists()
        assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
class TestQuotas:
    """How much may be uploaded."""

    @pytest.mark.parametrize(
        ("limit", "words"),
        [
            ({"subject_megabytes": 0}, "The files here may have 0 MB together"),
            ({"team_day_files": 1}, "North added 1 files within a day"),
            ({"team_day_megabytes": 0}, "North added 0 MB within a day"),
            ({"person_day_files": 1}, "You added 1 files for North within a day"),
        ],
    )
    def test_are_held(
        self, subject: Subject, north: Team, nora: User, settings: Settings, limit: dict[str, int], words: str
    ) -> None:
        attach_one(subject._replace(kind="other_plea"), north, nora, drawing())
        settings.EVIDENCE_LIMITS = {**settings.EVIDENCE_LIMITS, **limit}

        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, drawing())

        assert refused.value.code == "quota_reached"
        assert words in refused.value.reasons[0].detail
        assert Attachment.objects.count() == 1

    def test_of_a_day_do_not_bind_another_team_or_another_day(
        self, subject: Subject, north: Team, south: Team, nora: User, settings: Settings
    ) -> None:
        attach_one(subject, north, nora, drawing())
        settings.EVIDENCE_LIMITS = {**settings.EVIDENCE_LIMITS, "team_day_files": 1}
        elsewhere = subject._replace(kind="other_plea")
        tomorrow = NOON + timedelta(days=1)

        attach_one(elsewhere, south, nora, drawing())
        attach(subject=elsewhere, team=north, kind="photo", file=upload(drawing(quality=50)), actor=nora, at=tomorrow)

        assert Attachment.objects.count() == 3

    def test_of_a_person_binds_neither_her_neighbour_nor_a_machine(
        self, subject: Subject, north: Team, nora: User, settings: Settings
    ) -> None:
        attach_one(subject, north, nora, drawing())
        settings.EVIDENCE_LIMITS = {**settings.EVIDENCE_LIMITS, "person_day_files": 1}
        machine = User.objects.create(username="machine", is_service_account=True)
        neighbour = User.objects.create(username="neighbour")

        for place, actor in enumerate((neighbour, machine, machine)):
            attach_one(subject._replace(kind="other_plea"), north, actor, drawing(quality=50 + place))

        assert Attachment.objects.count() == 4

    def test_of_pixels_and_bytes_are_set_from_outside(
        self, subject: Subject, north: Team, nora: User, settings: Settings
    ) -> None:
        settings.EVIDENCE_LIMITS = {**settings.EVIDENCE_LIMITS, "file_megapixels": 1, "file_megabytes": 1}

        for content in (drawing(size=(1100, 1000)), drawing() + bytes(1024 * 1024)):
            with pytest.raises(Refused) as refused:
                attach_one(subject, north, nora, content)
            assert refused.value.code == "too_large"
