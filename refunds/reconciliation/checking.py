"""Believe an uploaded file, or refuse it whole with every reason."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from config.kernel.money import LARGEST_MINOR, Money
from config.kernel.refusals import Reason, Refused
from config.kernel.typed import read_amount
from config.kernel.wording import said, why_no_amount
from refunds.books.vocabulary import PeriodState
from refunds.models import Period, Statement, StatementLine

from .categories import MOST_UNKNOWN_PERCENT, UNKNOWN
from .continuity import gap_before
from .formats.table import UTF_16
from .readers import suffixes
from .report import MOST_PROBLEMS_SHOWN, BrokenReport, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile

    from .readers import Choice
    from .report import Balance, Report, ReportLine, Summary

LARGEST_FILE_BYTES = 20 * 1024 * 1024
LINES_AT_ONCE = 2_000
NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
LARGEST_SUM_MINOR = 10**18
"""What a column of sums can hold, and no account ever did."""

CLOCKS_APART = timedelta(days=1)
"""A day may have begun where the file was made and not yet here."""


def checked_content(file: UploadedFile[bytes]) -> bytes:
    """Read an upload that looks like a statement and is not too large.

    :raises Refused: `too_large` or `unsupported_media_type`
    """
    if file.size is not None and file.size > LARGEST_FILE_BYTES:
        raise Refused("too_large", said("The file is larger than 20 MB. Ask for a shorter period."), "file")
    content: bytes = file.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise Refused("too_large", said("The file is larger than 20 MB. Ask for a shorter period."), "file")
    if not _is_text(content) or not (file.name or "").lower().endswith(suffixes()):
        wanted = ", ".join(suffixes())
        raise Refused(
            "unsupported_media_type",
            said(
                "This is not a CSV file or another statement we read ({wanted})."
                " Download it as text, not as a workbook.",
                wanted=wanted,
            ),
            "file",
        )
    return content


def _is_text(content: bytes) -> bool:
    if content.startswith(NOT_TEXT):
        return False
    if b"\0" not in content[:8192]:
        return True
    try:
        return content.startswith(UTF_16) and bool(content.decode("utf-16"))
    except UnicodeDecodeError:
        return False


def checked_report(content: bytes, choice: Choice, *, payout_total: str, at: datetime) -> Report:
    """Read the file and compare it with the bank's figure, with today and with the lines known before.

    :raises Refused: `broken_statement`
    """
    try:
        report = choice.format.read(content)
        whole = WholeCheck(at=at)
        whole.see(report.lines)
        whole.finish(len(report.lines), report.balances)
        _check_total(report, payout_total)
        check_agrees_with_known_lines(report.lines, choice.account)
    except BrokenReport as broken:
        raise refusal_of(broken) from broken
    return report


def refusal_of(broken: BrokenReport) -> Refused:
    """Say to a person why a file is not believed."""
    reasons = [Reason("broken_statement", problem.words, "file") for problem in broken.problems]
    if broken.total > len(reasons):
        reasons.append(
            Reason(
                "broken_statement", said("And {count} more lines.", count=f"{broken.total - len(reasons):,}"), "file"
            )
        )
    return Refused.of(reasons)


class WholeCheck:
    """What no file may say: that it is of the future, of kinds of lines that nobody knows, or of impossible sums."""

    def __init__(self, *, at: datetime) -> None:
        """Begin with no line seen."""
        self._latest = at + CLOCKS_APART
        self._unknown: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._moved_minor = 0

    def see(self, lines: Iterable[ReportLine]) -> None:
        """Look at some lines."""
        for line in lines:
            if line.category == UNKNOWN:
                self._unknown[line.told_category] += 1
            if line.booked_at > self._latest:
                sentence = said("It was booked on {day}, which is yet to come.", day=f"{line.booked_at:%Y-%m-%d}")
                self._refuse(Problem(line.number, sentence))
            largest = max(abs(line.gross_minor), abs(line.fee_minor), abs(line.customer_minor or 0))
            self._moved_minor += abs(line.net_minor)
            if largest >= LARGEST_MINOR:
                self._refuse(Problem(line.number, said("Its amount is more than any payment.")))

    def finish(self, line_count: int, balances: Iterable[Balance]) -> None:
        """Say whether the file is believed.

        :raises BrokenReport: with every problem
        """
        unknown = self._unknown.total()
        if unknown * 100 > line_count * MOST_UNKNOWN_PERCENT:
            kinds = ", ".join(f"“{kind}”" for kind, _ in self._unknown.most_common(5))
            sentence = said(
                "{count} of {all} lines are of kinds we do not know ({kinds})."
                " More than {most} % is a file of another kind.",
                count=f"{unknown:,}",
                all=f"{line_count:,}",
                kinds=kinds,
                most=MOST_UNKNOWN_PERCENT,
            )
            self._refuse(Problem(0, sentence))
        if any(max(abs(one.opening_minor), abs(one.closing_minor)) >= LARGEST_SUM_MINOR for one in balances):
            self._refuse(Problem(0, said("It names a balance that is more than all money.")))
        if self._moved_minor >= LARGEST_SUM_MINOR:
            self._refuse(Problem(0, said("Its lines add up to more than all money.")))
        if self._problems:
            raise BrokenReport(self._problems, total=self._problem_count)

    def _refuse(self, problem: Problem) -> None:
        self._problem_count += 1
        if len(self._problems) < MOST_PROBLEMS_SHOWN:
            self._problems.append(problem)


def _check_total(report: Report, payout_total: str) -> None:
    """Compare with the payout that the bank shows.

    :raises Refused: when the figure cannot be read or the file holds several currencies
    :raises BrokenReport: when the lines do not add up to it
    """
    if not payout_total.strip():
        return
    if len(report.currencies) != 1:
        raise Refused(
            "broken_statement", said("The file holds several currencies, so it has no one total."), "payout_total"
        )
    currency = report.currencies[0]
    try:
        expected = Money(read_amount(payout_total, currency), currency)
    except ValueError as error:
        raise Refused("bad_amount", why_no_amount(error), "payout_total") from error
    found = Money(sum(line.net_minor for line in report.lines if line.category != "payout"), currency)
    if found != expected:
        apart = Money(abs((found - expected).minor), currency)
        sentence = said(
            "The lines add up to {found}; the bank shows {expected}. They are {apart} apart: a line is missing.",
            found=found,
            expected=expected,
            apart=apart,
        )
        raise BrokenReport([Problem(0, sentence)])


def check_agrees_with_known_lines(lines: Sequence[ReportLine], account: str) -> None:
    """Refuse a file that tells a known line differently, or a line nobody knew of a month that is closed.

    :raises BrokenReport: naming the lines
    """
    closed = list(Period.objects.filter(account=account, state=PeriodState.LOCKED).only("from_at", "until_at"))
    problems = []
    for batch in in_batches(lines):
        known = StatementLine.objects.filter(account=account, external_id__in=[line.external_id for line in batch])
        told = {line.external_id: _facts(line) for line in known}
        problems += [
            Problem(
                line.number,
                said(
                    "{number} was imported before with another day, amount, fee or category.", number=line.external_id
                ),
            )
            for line in batch
            if told.get(line.external_id, _facts(line)) != _facts(line)
        ]
        problems += [
            Problem(
                line.number,
                said(
                    "{number} is of {month}, which is closed; two people can reopen it.",
                    number=line.external_id,
                    month=f"{line.booked_at:%B %Y}",
                ),
            )
            for line in batch
            if line.external_id not in told and any(one.from_at <= line.booked_at < one.until_at for one in closed)
        ]
    if problems:
        raise BrokenReport(problems[:MOST_PROBLEMS_SHOWN], total=len(problems))


def count_known(lines: Sequence[ReportLine], account: str) -> int:
    """Count the lines that an earlier file told."""
    return sum(
        StatementLine.objects.filter(account=account, external_id__in=[line.external_id for line in batch]).count()
        for batch in in_batches(lines)
    )


def doubts(summary: Summary, account: str) -> list[str]:
    """Warn of another format's lines for the same days, which banks name differently, and of a statement between."""
    warnings = []
    for own_account in sorted({balance.own_account for balance in summary.balances}):
        others = Statement.objects.filter(
            account=account,
            undone_at__isnull=True,
            balances__own_account=own_account,
            from_at__lte=summary.to_at,
            to_at__gte=summary.from_at,
        ).exclude(format=summary.format)
        if own_account and (other := others.first()) is not None:
            warnings.append(
                said(
                    "Days of {account} were imported from {file} in another format ({format})."
                    " The same movements have other names there: importing both counts them twice.",
                    account=own_account,
                    file=other.filename,
                    format=other.format,
                )
            )
    gaps = (gap_before(balance, account=account, from_at=summary.from_at) for balance in summary.balances)
    return [*warnings, *(str(gap) for gap in gaps if gap is not None)]


def _facts(line: ReportLine | StatementLine) -> tuple[object, ...]:
    """Say what a line must say in every file; what a bank's line is about is our reading of its text."""
    category = "" if line.own_account else line.category
    return category, line.gross_minor, line.fee_minor, line.currency, line.booked_at


def in_batches(lines: Sequence[ReportLine]) -> Iterator[Sequence[ReportLine]]:
    """Hand out lines in pieces that one statement can take."""
    for start in range(0, len(lines), LINES_AT_ONCE):
        yield lines[start : start + LINES_AT_ONCE]
