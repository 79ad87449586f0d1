"""Believe an uploaded file, or refuse it whole with every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.refusals import Reason, Refused
from refunds.models import StatementLine

from .amounts import UnreadableAmount, minor_units
from .readers import BANK, SUFFIXES, parse
from .report import MOST_PROBLEMS_SHOWN, BrokenReport, Problem, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from .report import ReportLine

LARGEST_FILE_BYTES = 20 * 1024 * 1024
LINES_AT_ONCE = 2_000
WANTED = {
    "stripe": "This is not a CSV file. Download the report as CSV.",
    BANK: "This is not an XML file. Download the statement as camt.053.",
}
NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")


def checked_content(file: UploadedFile[bytes], *, account: str) -> bytes:
    """Read an upload that looks like a file of this account and is not too large.

    :raises Refused: `too_large` or `unsupported_media_type`
    """
    if file.size is not None and file.size > LARGEST_FILE_BYTES:
        raise Refused("too_large", "The file is larger than 20 MB. Ask for a shorter period.", "file")
    content: bytes = file.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("too_large", "The file is larger than 20 MB. Ask for a shorter period.", "file")
    suffixes = SUFFIXES.get(account, SUFFIXES["stripe"])
    if not (file.name or "").lower().endswith(suffixes) or content.startswith(NOT_TEXT) or b"\0" in content[:8192]:
        wanted = WANTED.get(account, WANTED["stripe"])
        raise Refused("unsupported_media_type", wanted, "file")
    return content


def checked_report(content: bytes, *, account: str, payout_total: str) -> Report:
    """Read the file and compare it with the bank's figure and with the lines known before.

    :raises Refused: `broken_statement`
    """
    try:
        report = parse(content, account=account)
        _check_total(report, payout_total)
        _check_agrees_with_known_lines(report, account)
    except BrokenReport as broken:
        reasons = [Reason("broken_statement", str(problem), "file") for problem in broken.problems]
        if broken.total > len(reasons):
            reasons.append(Reason("broken_statement", f"And {broken.total - len(reasons):,} more lines.", "file"))
        raise Refused.of(reasons) from broken
    return report


def _check_total(report: Report, payout_total: str) -> None:
    """Compare with the payout that the bank shows.

    :raises Refused: when the figure cannot be read or the file holds several currencies
    :raises BrokenReport: when the lines do not add up to it
    """
    if not payout_total.strip():
        return
    if len(report.currencies) != 1:
        raise Refused("broken_statement", "The file holds several currencies, so it has no one total.", "payout_total")
    currency = report.currencies[0]
    try:
        expected = Money(minor_units(payout_total.replace(",", ""), currency), currency)
    except UnreadableAmount as error:
        raise Refused("bad_amount", str(error), "payout_total") from error
    found = Money(sum(line.net_minor for line in report.lines if line.category != "payout"), currency)
    if found != expected:
        apart = Money(abs((found - expected).minor), currency)
        sentence = f"The lines add up to {found}; the bank shows {expected}. They are {apart} apart: a line is missing."
        raise BrokenReport([Problem(0, sentence)])


def _check_agrees_with_known_lines(report: Report, account: str) -> None:
    """Refuse a file that tells a known line differently.

    :raises BrokenReport: naming the lines
    """
    problems = []
    for lines in in_batches(report.lines):
        rows = StatementLine.objects.filter(account=account, external_id__in=[line.external_id for line in lines])
        told = {
            row[0]: row[1:]
            for row in rows.values_list("external_id", "category", "gross_minor", "fee_minor", "currency")
        }
        problems += [
            Problem(line.number, f"{line.external_id} was imported before with another amount, fee or category.")
            for line in lines
            if told.get(line.external_id, _facts(line)) != _facts(line)
        ]
    if problems:
        raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))


def _facts(line: ReportLine) -> tuple[str, int, int, str]:
    return line.category, line.gross_minor, line.fee_minor, line.currency


def in_batches(lines: Sequence[ReportLine]) -> Iterator[Sequence[ReportLine]]:
    """Hand out lines in pieces that one statement can take."""
    for start in range(0, len(lines), LINES_AT_ONCE):
        yield lines[start : start + LINES_AT_ONCE]
