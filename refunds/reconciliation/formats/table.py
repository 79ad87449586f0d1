"""Files with one line for each movement and a header: read line by line, checked as a whole, kept or refused."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from refunds.reconciliation.report import BrokenReport, Problem, Report

from .base import Confidence
from .reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from refunds.reconciliation.report import ReportLine, Summary

MOST_LINES = 200_000
"""As many as an upload may have; what is longer comes by `import_statement`."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its cells by column, the patterns of its times; `unnamed` names it by all it says."""

    number: int
    cells: Mapping[str, str]
    times: tuple[str, ...]
    unnamed: Callable[[], str]


class Checks:
    """What is asked of the lines of one file together; a format without a control total asks nothing.

    `times` are the patterns that this file's times follow.
    """

    times: tuple[str, ...] = ()

    def see(self, number: int, cells: Mapping[str, str], line: ReportLine | None) -> None:
        """Hear of one line that could be read."""

    def finish(self, reading: Reading) -> None:
        """Refuse the file, or add to what is known of it."""


class TableFormat:
    """One kind of CSV file; what is below is what each says of itself.

    `required` columns must be there, each as one of the names that a release of the file gave it.
    """

    name = ""
    label = ""
    account = ""
    maker = ""
    suffixes: tuple[str, ...] = (".csv", ".txt")
    required: tuple[tuple[str, ...], ...] = ()
    amounts: frozenset[str] = frozenset()
    delimiter = ","
    encoding = "utf-8"
    known_by = 95

    def line_of(self, row: Row) -> ReportLine | None:
        """Read one line; None for one that moves nothing.

        :raises ValueError: with a sentence
        """
        raise NotImplementedError

    def checks(self, columns: Sequence[str], file: BinaryIO) -> Checks:  # noqa: ARG002
        """Begin to check a file; it may be looked through, and is at its beginning afterwards."""
        return Checks()

    def detect(self, head: bytes) -> Confidence:
        """Compare the header with the columns of this format."""
        try:
            encoding = "utf-16" if head.startswith(UTF_16) else "utf-8-sig"
            first = head.decode(encoding, errors="replace").lstrip("\r\n").splitlines()[0]
            columns = {cell.strip() for cell in next(csv.reader([first], delimiter=self.delimiter))}
        except (IndexError, StopIteration, csv.Error):
            return Confidence(0, "It has no header.")
        found = sum(1 for names in self.required if columns & set(names))
        if found == len(self.required):
            return Confidence(self.known_by, f"All {found} columns of {self.label} are there.")
        score = 50 * found // len(self.required)
        return Confidence(score, f"{found} of {len(self.required)} columns of {self.label} are there.")

    def read(self, content: bytes) -> Report:
        """Read a whole file.

        :raises BrokenReport: with every problem and its line
        """
        lines: list[ReportLine] = []
        file = io.BytesIO(content)
        summary = self._checked(file, keep=lines.append, most=MOST_LINES)
        return Report(
            format=self.name,
            lines=tuple(lines),
            net_minor=summary.net_minor,
            warnings=summary.warnings,
            balances=summary.balances,
        )

    def summary_of(self, file: BinaryIO) -> Summary:
        """Check a file of any length without keeping its lines.

        :raises BrokenReport: with every problem and its line
        """
        return self._checked(file, keep=None, most=None)

    def lines_of(self, file: BinaryIO) -> Iterator[ReportLine]:
        """Hand out the lines of a file that was checked."""
        reading = Reading(self.name)
        for line in self._lines(file, reading):
            if line is not None:
                yield line

    def _checked(self, file: BinaryIO, *, keep: Callable[[ReportLine], None] | None, most: int | None) -> Summary:
        reading = Reading(self.name)
        for line in self._lines(file, reading):
            if line is None:
                continue
            if keep is not None:
                keep(line)
            if most is not None and reading.line_count > most:
                raise _broken(f"The file has more than {most:,} lines; split it by payout or by day.")
        return reading.summary()

    def _lines(self, file: BinaryIO, reading: Reading) -> Iterator[ReportLine | None]:
        columns: list[str] | None = None
        checks = Checks()
        for number, row in self._rows(file, reading):
            if columns is None:
                columns = self._checked_columns(row)
                place = file.tell()
                checks = self.checks(columns, file)
                file.seek(place)
                continue
            yield self._one(reading, checks, columns, number, row)
        if columns is None:
            raise _broken("The file is empty.")
        if not reading.problems:
            checks.finish(reading)

    def _one(
        self, reading: Reading, checks: Checks, columns: list[str], number: int, row: Sequence[str]
    ) -> ReportLine | None:
        if len(row) != len(columns):
            reading.refuse(number, f"It has {len(row)} cells; the header has {len(columns)}.")
            return None
        cells = {column: cell.strip() for column, cell in zip(columns, row, strict=True)}
        try:
            line = self.line_of(Row(number, cells, checks.times, partial(reading.told_apart, row)))
            checks.see(number, cells, line)
        except ValueError as error:
            reading.refuse(number, str(error))
            return None
        if line is not None:
            reading.see(line, cells, self.amounts)
        return line

    def _rows(self, file: BinaryIO, reading: Reading) -> Iterator[tuple[int, list[str]]]:
        file.seek(0)
        # Read by hand: a text wrapper that is thrown away would close the file under its owner.
        rows = csv.reader(_decoded(file, self.encoding, reading), strict=True, delimiter=self.delimiter)
        try:
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield rows.line_num, row
        except csv.Error as error:
            raise _broken(f"This is not a CSV file that can be read to its end: {error}.") from error

    def _checked_columns(self, header: Sequence[str]) -> list[str]:
        columns = [column.strip() for column in header]
        missing = [names[0] for names in self.required if not set(names) & set(columns)]
        if missing:
            raise _broken(f"This is not {self.maker}: the column {', '.join(missing)} is missing.")
        twice = [column for column, count in Counter(columns).items() if count > 1 and column]
        if twice:
            raise _broken(f"The column {', '.join(twice)} is there twice.")
        return columns


def _decoded(file: BinaryIO, encoding: str, reading: Reading) -> Iterator[str]:
    """Read text line by line; UTF-16 is read where its mark says so, anything else must be what it is said to be."""
    mark = file.read(3)
    if mark[:2] in UTF_16:
        file.seek(0)
        yield from io.StringIO(_whole_utf_16(file), newline="")
        return
    file.seek(len(mark) if mark == b"\xef\xbb\xbf" else 0)
    number = 0
    raw = b"\n"
    for number, raw in enumerate(file, start=1):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            sentence = f"The file is not text in {encoding.upper()}"
            raise _broken(f"{sentence}: line {number} may be Windows-1252. Save it as UTF-8.") from error
        if "\0" in text:
            raise _broken("The file holds NUL characters; it is not a text file.")
        yield text
    if number > 1 and not raw.endswith((b"\n", b"\r")):
        reading.warn("The last line does not end; if the file was cut off, its last cell may be short.")


def _whole_utf_16(file: BinaryIO) -> str:
    content = file.read()
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise _broken("The file begins as UTF-16 and does not go on so; it is cut off or damaged.") from error


def _broken(sentence: str) -> BrokenReport:
    return BrokenReport([Problem(0, sentence)])
