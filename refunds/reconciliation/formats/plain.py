"""Text of banks, who write their umlauts as they always did."""

from __future__ import annotations

from refunds.reconciliation.report import BrokenReport, Problem


def decoded(content: bytes) -> tuple[str, list[str]]:
    """Read UTF-8, or Windows-1252 with a word about it.

    :raises BrokenReport: when it is neither
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise BrokenReport([Problem(0, "The file is UTF-16 or not text; a bank's file is plain text.")])
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n"), []
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BrokenReport([Problem(0, "The file is neither UTF-8 nor Windows-1252.")]) from error
    return text.replace("\r\n", "\n"), ["The file is not UTF-8; it was read as Windows-1252."]
