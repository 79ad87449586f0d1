"""Which format a file is read as: the one somebody chose, or the one that it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.refusals import Refused
from config.kernel.wording import said
from refunds.vocabulary import ACCOUNTS

from .formats.base import SURE, Confidence
from .formats.registry import format_named, formats, recognised

if TYPE_CHECKING:
    from .formats.base import Format
    from .report import Report

BANK = "bank"

CHOSEN = Confidence(100, said("Somebody chose it."))


@dataclass(frozen=True, slots=True)
class Choice:
    """How a file is read, into which account's lines, and why."""

    format: Format
    confidence: Confidence
    account: str


def choose(content: bytes, *, account: str = "", name: str = "") -> Choice:
    """Choose how to read a file, given its beginning at least; a format that is named is believed.

    A file that is surely another account's is refused. One that looks like nothing is read as the account's first
    format, which says best what is missing.

    :raises Refused: `unknown_format` or `wrong_account`
    """
    if name:
        told = format_named(name)
        if told is None:
            raise Refused("unknown_format", said("“{name}” is not a format we read.", name=name[:40]), "format")
        return _checked(told, CHOSEN, account)
    found = recognised(content)
    confidence, best = found[0]
    if confidence.score >= SURE:
        return _checked(best, confidence, account)
    if not account:
        sentence = said(
            "Nobody recognises this file. The nearest is {format}: {reason} Choose its format.",
            format=best.label,
            reason=confidence.reason,
        )
        raise Refused("unknown_format", sentence, "file")
    own = [pair for pair in found if pair[1].account == account] or [
        pair for pair in found if pair[1].account not in dict(ACCOUNTS) or pair[1].account == "stripe"
    ]
    return Choice(own[0][1], own[0][0], account)


def parse(content: bytes, *, account: str = "", name: str = "") -> Report:
    """Read a file.

    :raises BrokenReport: with every reason, when it is not believed
    :raises Refused: `unknown_format` or `wrong_account`
    """
    return choose(content, account=account, name=name).format.read(content)


def suffixes() -> tuple[str, ...]:
    """Name how the files of all formats may end."""
    return tuple(sorted({suffix for one in formats() for suffix in one.suffixes}))


def _checked(found: Format, confidence: Confidence, account: str) -> Choice:
    """Hold a format against the account; an account of another name is a second one of some processor.

    :raises Refused: `wrong_account`
    """
    whose = dict(ACCOUNTS).get(found.account, found.account)
    if account in dict(ACCOUNTS) and account != found.account:
        sentence = said(
            "This is read as {format}, a file of {account}. Choose that account, or another format.",
            format=found.label,
            account=whose,
        )
        raise Refused("wrong_account", sentence, "account")
    return Choice(found, confidence, account or found.account)
