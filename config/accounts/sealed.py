"""What is sealed of second steps, for sealing it anew: the library keeps it inside JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.kernel.resealing import SealedColumn

from .adapter import SEAL_PURPOSE

if TYPE_CHECKING:
    from collections.abc import Callable

ONE, MANY = ("secret", "seed"), "migrated_codes"


def _in_data(data: dict[str, Any], anew: Callable[[str], str]) -> dict[str, Any]:
    changed = data | {name: anew(data[name]) for name in ONE if name in data}
    return changed | ({MANY: [anew(code) for code in data[MANY]]} if MANY in data else {})


COLUMNS: Final = (SealedColumn("mfa.Authenticator", "data", "SIGN_IN_KEYS", SEAL_PURPOSE, _in_data),)
