"""The library's forms with tries that are counted on all web processes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from config.kernel.lockout import begin_try, forgive
from config.kernel.refusals import NotPermitted
from config.kernel.sign_in import CODE
from config.kernel.sign_in_log import Happening
from config.kernel.wording import told

from .noting import note

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from config.kernel.people import User


class _Counted:
    """A code of an app, or one kept for the day the app is lost."""

    user: AbstractBaseUser

    def clean_code(self) -> str:
        """Want the right code, and not too many wrong ones before it."""
        whose = f"code:{self.user.pk}"
        try:
            begin_try(whose, at=timezone.now())
        except NotPermitted as no:
            self._note(Happening.SHUT)
            raise ValidationError(told(no.detail), code=no.code) from no
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # of the form beside it
        except ValidationError:
            self._note(Happening.WRONG)
            raise
        forgive(whose)
        return code

    def _note(self, happening: Happening) -> None:
        note(context.request, happening, means=CODE, user=cast("User", self.user))


class CodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]  # ships without types
    """A code at the door."""


class CodeAgainForm(_Counted, ReauthenticateForm):  # type: ignore[misc]  # ships without types
    """A code to show once more who one is."""
