"""What happens at the door, noted with from where and with which browser it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.utils import timezone

from config.kernel.devices import device_named
from config.kernel.sign_in import CODE, PASSKEY, PASSWORD
from config.kernel.sign_in_log import note_event

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest

    from config.kernel.people import User
    from config.kernel.sign_in_log import Happening

COMPANY: Final = "company"
RECOVERY: Final = "recovery code"
WAYS: Final = {"password": PASSWORD, "socialaccount": COMPANY, "totp": CODE, "webauthn": PASSKEY}
"""How the library calls the ways in, and how we do."""


def note(request: HttpRequest, happening: Happening, *, means: str, user: User | None = None, name: str = "") -> None:
    """Keep what happened, from which address and with which browser."""
    note_event(
        happening,
        means=means,
        at=timezone.now(),
        user=user,
        name=name,
        address=get_adapter().get_client_ip(request),
        device=device_named(request.headers.get("User-Agent", "")),
    )


def means_shown(request: HttpRequest, user: User) -> str:
    """Name what somebody showed to come in, in the order she did."""
    ways = [_way(one) for one in get_authentication_records(request, user)]
    return ", ".join(dict.fromkeys(ways)) or PASSWORD


def _way(record: dict[str, Any]) -> str:
    method = str(record.get("type") or record.get("method", ""))
    return RECOVERY if method == "recovery_codes" else WAYS.get(method, method)
