"""The control report as a PDF: the same report gives the same bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

from config.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH: Final = 174 * mm
_STYLES: Final = getSampleStyleSheet()
_LOOK: Final = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def pdf_of(report: Mapping[str, Any], *, title: str, sha256: str = "") -> bytes:
    """Print a report; without a hash it says that it is a draft. What its typeface cannot write is a question mark."""
    content = io.BytesIO()
    document = SimpleDocTemplate(
        content, pagesize=A4, title=title, author="Redress", invariant=1, leftMargin=18 * mm,
        rightMargin=18 * mm,
    )  # fmt: skip
    stated = f"SHA-256 of the report: {sha256}" if sha256 else "A draft: nobody locked this month yet."
    document.build(
        [
            _text(title, "Title"),
            _text(f"{report['account']}, {report['from']} to {report['to']}. Made at {report['made_at']}. {stated}"),
            *_part(
                "Checklist",
                ("Step", "Count", "Now"),
                [(x["title"], x["count"], x["sentence"]) for x in report["checklist"]],
            ),
            *_part("Open breaks by age", ("Age", "Count"), [(age["label"], age["count"]) for age in report["ages"]]),
            *_part(
                "Journal, by currency and account",
                ("Account", "Debit", "Credit", "Lines"),
                [
                    (f"{x['code']} {x['name']}", _plain(x, "debit_minor"), _plain(x, "credit_minor"), x["count"])
                    for x in report["journal"]
                ],
            ),
            *_part(
                "Lines of the statements, by currency and category",
                ("Category", "Gross", "Fee", "Lines"),
                [
                    (x["category"], _plain(x, "gross_minor"), _plain(x, "fee_minor"), x["count"])
                    for x in report["lines"]
                ],
            ),
            *_part(
                "Statements",
                ("Format and lines", "SHA-256"),
                [(f"{x['format']}, {x['lines']}", x["sha256"]) for x in report["statements"]],
            ),
            *_part(
                "Exports",
                ("Format and entries", "SHA-256"),
                [(f"{x['format']}, {x['entries']}", x["sha256"]) for x in report["exports"]],
            ),
            *_part(
                "Open on either side",
                ("What", "When", "Amount"),
                [(x["what"], x["at"], _plain(x, "minor")) for x in report["open"]],
            ),
            *_part(
                "Signatures",
                ("Name", "User", "When"),
                [(x["name"], x["username"], x["at"]) for x in report["signatures"]],
            ),
        ]
    )
    return content.getvalue()


def _part(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[Any]:
    if not rows:
        return [_text(title, "Heading3"), _text("None.")]
    cells = [list(header), *([_text(str(cell)) for cell in row] for row in rows)]
    width = WIDTH / len(header)
    return [_text(title, "Heading3"), LongTable(cells, colWidths=[width] * len(header), style=_LOOK, repeatRows=1)]


def _text(words: str, style: str = "BodyText") -> Paragraph:
    """Set words as words: the standard typefaces know the letters of Western Europe alone."""
    return Paragraph(escape(words.encode("cp1252", "replace").decode("cp1252")), _STYLES[style])


def _plain(row: Mapping[str, str], name: str) -> str:
    return Money(int(row[name]), row["currency"]).plain
