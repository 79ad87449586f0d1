"""The shown copy: upright, small, and silent about where it came from."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from config.kernel.refusals import Refused
from evidence import pictures

from .builders import attach_one, drawing, stored
from .hostile import photo_with_a_place, zipped

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject


@pytest.mark.django_db
class TestShownCopy:
    """What is left of a picture in the copy that is shown."""

    def test_stands_upright_and_tells_nothing(self, subject: Subject, north: Team, nora: User) -> None:
        content = photo_with_a_place()
        with Image.open(io.BytesIO(content)) as original:
            assert original.getexif().get_ifd(0x8825)

        attachment = attach_one(subject, north, nora, content)

        written = stored(attachment.shown)
        with Image.open(io.BytesIO(written)) as shown:
            assert shown.size == (48, 64)
            assert not dict(shown.getexif())
            assert not set(shown.info) & {"exif", "xmp", "icc_profile", "comment"}
        for trace in (b"Tattletale", b"2026:02:27", b"do not tell", b"EXIF"):
            assert trace not in written

    @pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("tail", [zipped(), b"<script>alert(1)</script>", b"%PDF-1.7 tail"])
    def test_drops_what_was_hung_on_behind(
        self, subject: Subject, north: Team, nora: User, name: str, tail: bytes
    ) -> None:
        attachment = attach_one(subject, north, nora, drawing(name) + tail)

        written = stored(attachment.shown)
        assert tail not in written
        assert b"index.html" not in written
        assert stored(attachment.original).endswith(tail)

    def test_drops_text_and_colour_profiles(self, subject: Subject, north: Team, nora: User) -> None:
        content = drawing("PNG", icc_profile=b"profile of somebody" * 20)

        attachment = attach_one(subject, north, nora, content)

        assert b"ICCP" not in stored(attachment.shown)

    def test_is_no_bigger_than_a_screen(self, subject: Subject, north: Team, nora: User) -> None:
        attachment = attach_one(subject, north, nora, drawing(size=(5000, 1000)))

        assert (attachment.width_px, attachment.height_px) == (5000, 1000)
        with Image.open(io.BytesIO(stored(attachment.shown))) as shown:
            assert shown.size == (2560, 512)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
    def test_comes_of_every_kind_of_colour(self, subject: Subject, north: Team, nora: User, mode: str) -> None:
        picture = Image.new(mode, (20, 10))
        written = io.BytesIO()
        picture.save(written, "JPEG" if mode == "CMYK" else "PNG")

        attachment = attach_one(subject, north, nora, written.getvalue())

        with Image.open(io.BytesIO(stored(attachment.shown))) as shown:
            assert shown.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")

    def test_shows_one_frame_of_a_moving_picture(self, subject: Subject, north: Team, nora: User) -> None:
        frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue", "green")]
        written = io.BytesIO()
        frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])

        attachment = attach_one(subject, north, nora, written.getvalue())

        with Image.open(io.BytesIO(stored(attachment.shown))) as shown:
            assert getattr(shown, "n_frames", 1) == 1


class TestReadPicture:
    """How `read_picture` bears bent bytes."""

    @pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
    def test_refuses_or_reads_bent_bytes_and_never_breaks(self, name: str) -> None:
        dice = random.Random(20_261_121)  # noqa: S311 - the same dice in every run
        whole = drawing(name)
        for _ in range(300):
            bent = bytearray(whole)
            for _ in range(dice.randint(1, 12)):
                bent[dice.randrange(len(bent))] = dice.randrange(256)
            with suppress(Refused):
                assert pictures.read_picture(bytes(bent[: dice.randint(1, len(bent))]), most_pixels=20_000_000).pages
