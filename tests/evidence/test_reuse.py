"""The same photo twice: found through what people do to photos, and never where photos differ."""

from __future__ import annotations

import csv
import io
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from evidence.fingerprints import fingerprints_of
from evidence.models import Attachment, AttachmentFingerprint, AttachmentReuse
from evidence.reuse import LIKELY_BITS, POSSIBLE_BITS, compare_the_rest, reuse_of, strongest_reuse
from evidence.vocabulary import Likelihood, ScanState, Turn
from tests.harness.races import in_the_same_instant

from .builders import NOON, attach_one
from .papers import PAPERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import Team, User

PHOTOS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "evidence_photos"
Picture = Image.Image


def scene(seed: int = 1, size: tuple[int, int] = (480, 360)) -> Picture:
    """Draw a picture with something to see in it, another one for each seed."""
    spots = bytes((seed * 7919 + place * place * 31 + place * 97) % 256 for place in range(63))
    return Image.frombytes("L", (9, 7), spots).resize(size, Image.Resampling.BICUBIC).convert("RGB")


def jpeg(picture: Picture, quality: int = 90) -> bytes:
    """Save it as a telephone does."""
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


def cropped(picture: Picture, share: float) -> Picture:
    """Cut the same share off each side."""
    wide, high = int(picture.width * share), int(picture.height * share)
    return picture.crop((wide, high, picture.width - wide, picture.height - high))


def with_banner(picture: Picture) -> Picture:
    """Write over the lowest eighth."""
    changed = picture.copy()
    draw = ImageDraw.Draw(changed)
    draw.rectangle((0, changed.height * 7 // 8, *changed.size), fill="black")
    draw.text((5, changed.height * 7 // 8 + 2), "DAMAGED ON ARRIVAL", fill="white")
    return changed


TRANSFORMS: dict[str, Callable[[Picture], bytes]] = {
    "saved badly": partial(jpeg, quality=50),
    "half the size": lambda picture: jpeg(picture.resize((picture.width // 2, picture.height // 2))),
    "brighter": lambda picture: jpeg(ImageEnhance.Brightness(picture).enhance(1.3)),
    "banner": lambda picture: jpeg(with_banner(picture)),
    "cropped by 2 %": lambda picture: jpeg(cropped(picture, 0.02)),
    "cropped by 5 %": lambda picture: jpeg(cropped(picture, 0.05)),
    "mirrored": lambda picture: jpeg(ImageOps.mirror(picture)),
    "quarter turn": lambda picture: jpeg(picture.transpose(Image.Transpose.ROTATE_90)),
    "half turn": lambda picture: jpeg(picture.transpose(Image.Transpose.ROTATE_180)),
    "three quarter turns": lambda picture: jpeg(picture.transpose(Image.Transpose.ROTATE_270), quality=50),
}


def elsewhere() -> Subject:
    """Name another subject."""
    return Subject("plea", new_id())


@pytest.mark.django_db
class TestReuse:
    """Pairs of files of different subjects."""

    def test_is_exact_for_the_same_bytes(self, subject: Subject, north: Team, nora: User) -> None:
        first = attach_one(subject, north, nora, jpeg(scene()))
        again = attach_one(elsewhere(), north, nora, jpeg(scene()))

        assert [(found.attachment, found.likelihood) for found in reuse_of(again)] == [(first, Likelihood.EXACT)]
        assert [(found.attachment, found.likelihood) for found in reuse_of(first)] == [(again, Likelihood.EXACT)]

    @pytest.mark.parametrize("name", TRANSFORMS)
    def test_is_found_after_a_change(self, subject: Subject, north: Team, nora: User, name: str) -> None:
        first = attach_one(subject, north, nora, jpeg(scene()))

        again = attach_one(elsewhere(), north, nora, TRANSFORMS[name](scene()))

        assert [found.attachment for found in reuse_of(again)] == [first]

    def test_is_found_when_the_changed_one_came_first(self, subject: Subject, north: Team, nora: User) -> None:
        first = attach_one(subject, north, nora, TRANSFORMS["cropped by 5 %"](scene()))

        again = attach_one(elsewhere(), north, nora, jpeg(scene()))

        assert [found.attachment for found in reuse_of(again)] == [first]

    def test_is_found_across_teams(self, subject: Subject, north: Team, south: Team, nora: User, stan: User) -> None:
        attach_one(subject, north, nora, jpeg(scene()))

        assert reuse_of(attach_one(elsewhere(), south, stan, jpeg(scene(), quality=70)))

    def test_is_nothing_between_different_pictures(self, subject: Subject, north: Team, nora: User) -> None:
        for seed in range(2, 8):
            attach_one(elsewhere(), north, nora, jpeg(scene(seed * 13)))

        assert not AttachmentReuse.objects.exists()

    def test_is_nothing_within_one_subject(self, subject: Subject, north: Team, nora: User) -> None:
        attach_one(subject, north, nora, jpeg(scene()))
        again = attach_one(subject, north, nora, jpeg(scene(), quality=60))

        assert reuse_of(again) == []
        assert strongest_reuse(subject) is None

    def test_is_nothing_between_pictures_of_one_colour(self, subject: Subject, north: Team, nora: User) -> None:
        for colour in ("white", "black", "#fefefe"):
            attach_one(elsewhere(), north, nora, jpeg(Image.new("RGB", (300, 200), colour)))

        assert not AttachmentFingerprint.objects.exists()
        assert not AttachmentReuse.objects.exists()

    def test_of_papers_goes_by_their_bytes_alone(self, subject: Subject, north: Team, nora: User) -> None:
        attach_one(subject, north, nora, PAPERS["plain.pdf"], "a.pdf")
        other = attach_one(elsewhere(), north, nora, PAPERS["three pages.pdf"], "b.pdf")
        again = attach_one(elsewhere(), north, nora, PAPERS["plain.pdf"], "c.pdf")

        assert reuse_of(other) == []
        assert [found.likelihood for found in reuse_of(again)] == [Likelihood.EXACT]

    def test_counts_for_the_later_one_alone(self, subject: Subject, north: Team, nora: User) -> None:
        attach_one(subject, north, nora, jpeg(scene()))
        later = elsewhere()
        attach_one(later, north, nora, jpeg(scene()))

        assert (strongest_reuse(subject), strongest_reuse(later)) == (None, Likelihood.EXACT)

    def test_counts_by_the_strongest(self, north: Team, nora: User) -> None:
        attach_one(elsewhere(), north, nora, jpeg(scene(1)))
        attach_one(elsewhere(), north, nora, jpeg(scene(40)))
        later = elsewhere()
        attach_one(later, north, nora, jpeg(scene(1), quality=60))
        assert strongest_reuse(later) is Likelihood.LIKELY

        attach_one(later, north, nora, jpeg(scene(40)))

        assert strongest_reuse(later) is Likelihood.EXACT

    def test_counts_not_of_a_file_that_is_not_shown(self, subject: Subject, north: Team, nora: User) -> None:
        attach_one(elsewhere(), north, nora, jpeg(scene()))
        again = attach_one(subject, north, nora, jpeg(scene()))
        Attachment.objects.filter(pk=again.pk).update(scan_state=ScanState.WAITING)

        assert strongest_reuse(subject) is None

    def test_is_looked_for_later_where_a_process_died(
        self, subject: Subject, north: Team, nora: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attach_one(elsewhere(), north, nora, jpeg(scene()))
        monkeypatch.setattr("evidence.attachments.compare", lambda *_, **__: None)
        again = attach_one(subject, north, nora, jpeg(scene(), quality=70))
        AttachmentFingerprint.objects.filter(attachment=again).delete()
        assert reuse_of(again) == []

        assert [compare_the_rest(at=NOON), compare_the_rest(at=NOON)] == [1, 0]

        assert [found.likelihood for found in reuse_of(again)] == [Likelihood.LIKELY]


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """The same photo for two subjects in the same instant."""

    def test_are_found(self, north: Team, nora: User) -> None:
        in_the_same_instant(*[partial(attach_one, elsewhere(), north, nora, jpeg(scene())) for _ in range(3)])

        assert AttachmentReuse.objects.count() == 3


@pytest.fixture(scope="module")
def photos() -> dict[str, Picture]:
    """Read them."""
    if not PHOTOS.is_dir():
        pytest.skip("The photographs are not on this machine.")
    return {path.name: Image.open(path).convert("RGB") for path in sorted(PHOTOS.glob("*.jpg"))}


@pytest.fixture(scope="module")
def looks(photos: dict[str, Picture]) -> dict[str, dict[Turn, tuple[int, int]]]:
    """Take their fingerprints."""
    return {name: looks_of(photo) for name, photo in photos.items()}


class TestRealPhotos:
    """Sixty photographs, and what people do to photographs."""

    @pytest.mark.slow
    def test_are_found_again_after_every_change(
        self, photos: dict[str, Picture], looks: dict[str, dict[Turn, tuple[int, int]]]
    ) -> None:
        found = {
            change: sum(
                alike(looks_of(Image.open(io.BytesIO(transform(photo))).convert("RGB")), looks[name]) is not None
                for name, photo in photos.items()
            )
            for change, transform in TRANSFORMS.items()
        }

        print(f"found of {len(photos)} each: {found}")  # noqa: T201 - the figure is what this test is for
        assert all(count >= 0.95 * len(photos) for count in found.values())

    @pytest.mark.slow
    def test_are_never_taken_for_one_another(self, looks: dict[str, dict[Turn, tuple[int, int]]]) -> None:
        with (PHOTOS / "CREDITS.csv").open() as lines:
            same = {frozenset((row["file"], row["near_duplicate_of"])) for row in csv.DictReader(lines)}
        pairs = [pair for pair in combinations(looks, 2) if frozenset(pair) not in same]

        mistaken = [pair for pair in pairs if alike(looks[pair[0]], looks[pair[1]]) is not None]

        assert len(pairs) > 1_700
        assert mistaken == []


def looks_of(picture: Picture) -> dict[Turn, tuple[int, int]]:
    """Take the fingerprints of a picture."""
    return {found.turn: (found.phash, found.dhash) for found in fingerprints_of(picture)}


def alike(one: dict[Turn, tuple[int, int]], other: dict[Turn, tuple[int, int]]) -> Likelihood | None:
    """Say what the database would say of two pictures; held against it by the tests above."""
    pairs = [(one[Turn.UPRIGHT], look) for look in other.values()]
    pairs.append((one[Turn.WITHOUT_EDGES], other[Turn.UPRIGHT]))
    bits = [[((mine ^ theirs) & (2**64 - 1)).bit_count() for mine, theirs in zip(*pair, strict=True)] for pair in pairs]
    if any(max(pair) <= LIKELY_BITS for pair in bits):
        return Likelihood.LIKELY
    is_possible = any(min(pair) <= LIKELY_BITS and max(pair) <= POSSIBLE_BITS for pair in bits)
    return Likelihood.POSSIBLE if is_possible else None


@pytest.mark.django_db
def test_the_database_says_what_the_test_says(north: Team, nora: User) -> None:
    """Hold `alike` against SQL, over pictures that are nearly alike."""
    pictures = [scene(3), cropped(scene(3), 0.04), cropped(scene(3), 0.09), scene(3).rotate(3), scene(50)]
    held = [attach_one(elsewhere(), north, nora, jpeg(picture)) for picture in pictures]
    looks = [
        {row.turn: (row.phash, row.dhash) for row in AttachmentFingerprint.objects.filter(attachment=attachment)}
        for attachment in held
    ]
    for (place, later), (earlier_place, earlier) in combinations(enumerate(held), 2):
        kept = AttachmentReuse.objects.filter(later__in=[later, earlier], earlier__in=[later, earlier]).first()
        said = alike(looks[earlier_place], looks[place])  # type: ignore[arg-type]  # turns are stored as numbers
        assert (None if kept is None else kept.likelihood) == said
