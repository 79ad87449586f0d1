"""Which reader believes the files of which account: each takes bytes and answers a report, or refuses them whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .camt import read_statement
from .stripe_csv import read_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from .report import Report

BANK = "bank"

READERS: dict[str, Callable[[bytes], Report]] = {"stripe": read_report, BANK: read_statement}

SUFFIXES = {"stripe": (".csv", ".txt"), BANK: (".xml", ".camt")}
"""How the names of an account's files may end."""

ACCOUNTS = (("stripe", "Stripe"), (BANK, "Bank account"))
"""The accounts whose files can be read, as people choose them."""


def parse(content: bytes, *, account: str) -> Report:
    """Read a file of an account; one that is not named here is the processor's.

    :raises BrokenReport: with every reason, when it is not believed
    """
    return READERS.get(account, read_report)(content)
