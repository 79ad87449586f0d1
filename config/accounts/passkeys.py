"""The library's forms for passkeys, which bytes of strangers cannot crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from allauth.core import context
from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from config.kernel.sign_in import PASSKEY
from config.kernel.sign_in_log import Happening
from config.kernel.wording import said, told

from .noting import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from allauth.mfa.models import Authenticator

    from config.kernel.people import User

WRONG = said("This passkey was not accepted.")


def _read(read: Callable[[], Any]) -> Any:
    """Read what a browser says its passkey signed.

    :raises ValidationError: also for what the libraries below stumble over: missing parts, odd types, a wrong signature
    """
    try:
        return read()
    except (ValidationError, DatabaseError):
        raise
    except Exception as broken:
        # A stranger chooses these words; over a part that is missing or odd the libraries raise what they happen to.
        raise ValidationError(told(WRONG), code="incorrect_code") from broken


class _Noted:
    user: User | None

    def clean_credential(self) -> Authenticator:
        """Want a right signature; at the door a wrong one is nobody's: whose it is is the caller's word."""
        try:
            return cast("Authenticator", _read(super().clean_credential))  # type: ignore[misc]  # of the form beside it
        except ValidationError:
            note(context.request, Happening.WRONG, means=PASSKEY, user=self.user)
            raise


class LoginForm(_Noted, forms.LoginWebAuthnForm):  # type: ignore[misc]  # ships without types
    """A passkey alone."""


class SecondStepForm(_Noted, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]  # ships without types
    """A passkey beside the password."""


class AgainForm(_Noted, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # ships without types
    """A passkey to show once more who one is."""


class AddForm(forms.AddWebAuthnForm):  # type: ignore[misc]  # ships without types
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        """Want what a passkey says of itself."""
        return cast("dict[str, Any]", _read(super().clean))
