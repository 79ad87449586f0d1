"""Every file of the corpus: refused with a sentence, or shown as a picture of ours; never served as it was sent."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from config.kernel.refusals import Refused
from evidence import pdfs
from evidence.models import LedgerEntry
from evidence.uploads import plain_name

from .builders import attach_one, drawing, stored
from .corpus import CORPUS, FLOODS, NEEDLES, TRICKS
from .hostile import photo_with_a_place
from .papers import BROKEN_PAPERS, PAPERS, bomb

if TYPE_CHECKING:
    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject
    from evidence.models import Attachment

PROJECT = Path(__file__).resolve().parents[2]
CODES = {"too_large", "unsupported_media_type", "not_an_image", "not_readable"}
NAMES = sorted(CORPUS, key=ascii)


def shown_of(attachment: Attachment) -> list[bytes]:
    """Read everything of a file that could ever reach a browser."""
    store = attachment.shown.storage
    return [store.open(name).read() for name in attachment.files()[1:]]


def tried(subject: Subject, team: Team, actor: User, sent: bytes, name: str) -> Attachment | Refused:
    """Attach a file, or hand back the refusal."""
    try:
        return attach_one(subject, team, actor, sent, name)
    except Refused as no:
        return no


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
class TestTheCorpus:
    """Each of its files."""

    @pytest.mark.parametrize("number", range(len(NAMES)), ids=lambda number: ascii(NAMES[number])[1:40])
    def test_is_refused_or_drawn_anew(self, subject: Subject, north: Team, nora: User, number: int) -> None:
        name = NAMES[number]
        sent = CORPUS[name]
        began = time.monotonic()
        taken = tried(subject, north, nora, sent, name)

        assert time.monotonic() - began < 15
        if isinstance(taken, Refused):
            assert name not in {**TRICKS, **PAPERS}
            assert taken.code in CODES
            assert taken.reasons[0].detail.endswith(".")
            assert not LedgerEntry.objects.exists()
            return
        assert name in {**TRICKS, **PAPERS}
        assert stored(taken.original) == sent
        for shown in shown_of(taken):
            assert shown != sent
            assert not [needle for needle in NEEDLES if needle in shown]
            with Image.open(io.BytesIO(shown)) as picture:
                assert picture.format == "WEBP"
                assert not set(picture.info) & {"exif", "xmp", "icc_profile", "comment"}
                assert getattr(picture, "n_frames", 1) == 1

    @pytest.mark.parametrize("name", sorted(FLOODS))
    def test_has_no_flood_that_is_taken(self, subject: Subject, north: Team, nora: User, name: str) -> None:
        with pytest.raises(Refused):
            attach_one(subject, north, nora, FLOODS[name], name)

    def test_leaves_no_name_that_is_more_than_a_name(self) -> None:
        for name in map(plain_name, CORPUS):
            assert 0 < len(name) <= 120
            assert not set(name) & set("/\\\x00\r\n\u202e")
            assert "4111" not in name


@pytest.mark.django_db
class TestSignals:
    """What is kept of what a camera wrote."""

    def test_are_the_day_and_the_camera_and_never_the_place(self, subject: Subject, north: Team, nora: User) -> None:
        photo = attach_one(subject, north, nora, photo_with_a_place())

        photo.refresh_from_db()
        assert (str(photo.taken_on), photo.camera, photo.has_gps) == ("2026-02-27", "Tattletale", True)
        columns = {field.name: str(getattr(photo, field.name)) for field in photo._meta.concrete_fields}
        assert not [name for name, value in columns.items() if "51.5" in value or "30.0" in value]

    def test_are_empty_where_nothing_is_said(self, subject: Subject, north: Team, nora: User) -> None:
        photo = attach_one(subject, north, nora, drawing())

        assert (photo.taken_on, photo.camera, photo.software, photo.has_gps) == (None, "", "", False)

    def test_are_empty_where_nonsense_is_said(self, subject: Subject, north: Team, nora: User) -> None:
        photo = attach_one(subject, north, nora, CORPUS["metadata of noise.jpg"])

        assert (photo.taken_on, photo.camera, photo.has_gps) == (None, "", False)


@pytest.mark.django_db
class TestPdf:
    """How a PDF becomes pictures."""

    def test_is_drawn_page_by_page(self, subject: Subject, north: Team, nora: User) -> None:
        paper = attach_one(subject, north, nora, PAPERS["three pages.pdf"], "invoice.pdf")

        assert (paper.media_type, paper.page_count) == ("application/pdf", 3)
        small, *pages = shown_of(paper)
        assert len(pages) == 3
        with Image.open(io.BytesIO(pages[2])) as page:
            assert page.size == (400, 200)
            red, green, blue = page.convert("RGB").getpixel((100, 100))  # type: ignore[misc]  # three numbers
            assert (red > 200, green < 60, blue < 60) == (True, True, True)
        with Image.open(io.BytesIO(small)) as thumbnail:
            assert thumbnail.size == (320, 160)

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("locked.pdf", "password"),
            ("too many pages.pdf", "at most 20 pages"),
            ("noise.pdf", "damaged"),
        ],
    )
    def test_is_refused_with_a_reason(self, subject: Subject, north: Team, nora: User, name: str, words: str) -> None:
        with pytest.raises(Refused) as refused:
            attach_one(subject, north, nora, BROKEN_PAPERS[name], name)

        assert words in refused.value.reasons[0].detail

    def test_is_given_up_when_it_takes_too_long(self) -> None:
        began = time.monotonic()
        with pytest.raises(Refused) as refused:
            pdfs.read_pdf(bomb(), most_pages=20, most_seconds=3)

        assert refused.value.code in {"too_large", "not_readable"}
        assert time.monotonic() - began < 8

    def test_of_any_page_size_becomes_a_picture_of_a_screen(self) -> None:
        huge = pdfs.read_pdf(PAPERS["plain.pdf"].replace(b"0 0 200 100", b"0 0 90000 9000"), most_pages=1)

        assert max(huge.width_px, huge.height_px) <= pdfs.LONGEST_PAGE_SIDE_PX


MEASURE = """
import io, sys
from PIL import Image, ImageDraw
from evidence.pictures import read_picture
from config.kernel.refusals import Refused
import PIL.WebPImagePlugin
Image.preinit()
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) // 1024
content = sys.stdin.buffer.read()
before = peak()
try:
    read_picture(content, most_pixels=20_000_000)
except Refused:
    pass
print(peak() - before)
"""
LARGEST: dict[str, tuple[str, str, tuple[int, int], dict[str, Any]]] = {
    "rgb.png": ("RGB", "PNG", (4472, 4472), {}),
    "clear.png": ("RGBA", "PNG", (4472, 4472), {}),
    "sixteen.png": ("I;16", "PNG", (4472, 4472), {}),
    "baseline.jpg": ("RGB", "JPEG", (4472, 4472), {"subsampling": 0}),
    "four.jpg": ("CMYK", "JPEG", (4472, 4472), {}),
    "passes.jpg": ("RGB", "JPEG", (2581, 2581), {"progressive": True, "subsampling": 0}),
    "passes too many.jpg": ("RGB", "JPEG", (4472, 4472), {"progressive": True}),
    "lossless.webp": ("RGBA", "WEBP", (2581, 2581), {"lossless": True, "method": 0}),
    "webp too many.webp": ("RGB", "WEBP", (4472, 4472), {"method": 0}),
}


@pytest.mark.slow
class TestMemory:
    """What the largest pictures cost while they are drawn."""

    @pytest.mark.parametrize("name", LARGEST)
    def test_stays_below_150_megabytes(self, name: str) -> None:
        mode, kind, size, options = LARGEST[name]
        written = io.BytesIO()
        Image.radial_gradient("L").resize(size).convert(mode).save(written, kind, **options)

        told = subprocess.run(
            [sys.executable, "-c", MEASURE], input=written.getvalue(), capture_output=True, check=True, cwd=PROJECT
        )

        assert int(told.stdout) < 150

    @pytest.mark.parametrize("name", ["flood.png", "wide flood.png", "huge text.png", "claims more than there is.png"])
    def test_is_not_moved_by_a_bomb(self, name: str) -> None:
        told = subprocess.run(
            [sys.executable, "-c", MEASURE], input=CORPUS[name], capture_output=True, check=True, cwd=PROJECT
        )

        assert int(told.stdout) < 150
