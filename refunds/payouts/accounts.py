"""Whose account money is paid to: checked when it is entered, sealed where it is kept, masked where it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.conf import settings

from config.kernel.sealing import box
from config.kernel.wording import said

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iban import validate

from config.kernel.refusals import Refused

SEAL_PURPOSE = "redress payee accounts"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_HOLDER = re.compile(r"[A-Za-z0-9\u00c0-\u017f /\-?:().,'+&]{2,70}")
"""What banks carry in a name: letters of Europe, digits and the marks of the SEPA character set."""

_SHOWN = 4


class UnreadableAccount(Exception):
    """No key in force opens the account that is kept, or it was erased."""


def checked_iban(text: str) -> str:
    """Read an IBAN in any spacing.

    :raises Refused: `invalid_iban` for a wrong form or checksum (ISO 13616, and what a country checks itself)
    """
    iban = re.sub(r"[\s\-]", "", text).upper()
    if not _IBAN.fullmatch(iban):
        raise Refused(
            "invalid_iban", said("This is not an IBAN; expected something like DE89 3704 0044 0532 0130 00."), "iban"
        )
    try:
        validate(iban)
    except InvalidChecksum:
        raise Refused(
            "invalid_iban", said("The check digits of this IBAN are wrong; one character was mistyped."), "iban"
        ) from None
    except ValidationError:
        raise Refused("invalid_iban", said("{iban} knows no IBAN of this form.", iban=iban[:2]), "iban") from None
    return iban


def checked_holder(text: str) -> str:
    """Read the name an account is in, as banks can carry it.

    :raises Refused: `invalid_account_holder`
    """
    name = " ".join(text.split())
    if not _HOLDER.fullmatch(name):
        raise Refused(
            "invalid_account_holder",
            said("Name whose account it is, in 2 to 70 letters, digits and / - ? : ( ) . , ' + &."),
            "account_holder",
        )
    return name


def masked(iban: str) -> str:
    """Show the country and the last four characters, and that there is more."""
    return f"{iban[:2]}•• •••• {iban[-_SHOWN:]}" if iban else ""


def seal(iban: str) -> str:
    """Encrypt an account under the first key."""
    return _box().encrypt(iban.encode()).decode()


def open_sealed(kept: str) -> str:
    """Decrypt an account with whichever key fits.

    :raises UnreadableAccount:
    """
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise UnreadableAccount("No key opens this account; it was erased, or its key is gone.") from None


def _box() -> MultiFernet:
    return box(settings.PAYEE_KEYS, purpose=SEAL_PURPOSE)
