"""Photos of broken things, drawn here so that nobody's picture is used."""

from __future__ import annotations

import io
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (480, 360)


def photo_of_damage(rng: Random) -> SimpleUploadedFile:
    """Draw a jug on a table with a crack through it, no two alike."""
    picture = Image.new("RGB", SIZE, _shade(rng, 205))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 250, *SIZE), fill=_shade(rng, 140))
    left, top = rng.randint(120, 200), rng.randint(70, 110)
    right, bottom = left + rng.randint(110, 180), rng.randint(270, 310)
    draw.ellipse((right - 20, top + 40, right + 60, top + 140), outline=_shade(rng, 110), width=14)
    draw.rounded_rectangle((left, top, right, bottom), radius=28, fill=_shade(rng, 175))
    x, y = rng.randint(left + 20, right - 20), top
    while y < bottom:
        further = (x + rng.randint(-22, 22), y + rng.randint(12, 34))
        draw.line((x, y, *further), fill=(40, 35, 33), width=rng.randint(2, 5))
        x, y = further
    written = io.BytesIO()
    # Dice of its own, thrown by what was drawn: those of the case must fall as they always did.
    lit = ImageChops.multiply(picture, _light(Random(f"{left} {top} {right} {bottom} {x} {y}")))  # noqa: S311 - a picture
    lit.filter(ImageFilter.GaussianBlur(0.8)).save(written, "JPEG", quality=82)
    return SimpleUploadedFile("damage.jpg", written.getvalue(), content_type="image/jpeg")


def _light(rng: Random) -> Image.Image:
    """Draw the light of a room, another one each time, or all of these photos would look reused."""
    spots = bytes(rng.randint(60, 255) for _ in range(7 * 5))
    return Image.frombytes("L", (7, 5), spots).resize(SIZE, Image.Resampling.BICUBIC).convert("RGB")


def _shade(rng: Random, light: int) -> tuple[int, int, int]:
    return (light + rng.randint(-18, 18), light + rng.randint(-24, 12), light + rng.randint(-34, 4))
