"""How the sign-in library meets this house: nobody signs herself up, tries are counted, and means are on record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from approvals.services.roles import record_means
from config.kernel.lockout import begin_try, forgive
from config.kernel.pace import seconds_to_wait
from config.kernel.people import User
from config.kernel.refusals import NotPermitted
from config.kernel.sealing import box
from config.kernel.sessions import NEW_MEANS, TOO_MANY_AT_ONCE, end_sessions, note_device, sessions_of
from config.kernel.sign_in import PASSWORD, is_fresh, note_sign_in, signed_in_at
from config.kernel.sign_in_log import Happening
from config.kernel.web import NUL
from config.kernel.wording import said, told

from .addresses import address_of, neighbourhood
from .noting import means_shown, note

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

SEAL_PURPOSE = "redress second factors"
WINDOW: Final = timedelta(minutes=15)
MOST_FROM_ONE_ADDRESS: Final = 100
"""How often one address may try in a window, whoever it names: an office behind one address signs in every morning."""

FROM_ONE_ADDRESS: Final = "many tries from one address"
FROM_HERE: Final = said("Too many tries from your network. Wait a quarter of an hour and try again.")
WRONG: Final = gettext_lazy("This name and password do not fit together. Capital and small letters count in both.")
MEANS: Final = {
    "mfa/email/totp_activated": "set up an authenticator app.",
    "mfa/email/totp_deactivated": "took away the authenticator app.",
    "mfa/email/webauthn_added": "added a passkey.",
    "mfa/email/webauthn_removed": "took away a passkey.",
    "mfa/email/recovery_codes_generated": "made new recovery codes.",
}
"""What the library tells people of, and how the ledger says it."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # ships without types
    """The door."""

    error_messages = DefaultAccountAdapter.error_messages | {"username_password_mismatch": WRONG}

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Let nobody make an account: an administrator does."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Tell where a call comes from; the library would answer a forged header with a crash."""
        return address_of(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Find who has this name and password, with few tries for a name and not many for an address.

        Names that nobody has are counted too, so a lock tells nothing.
        """
        caller = f"sign-in {neighbourhood(address_of(request))}"
        if seconds_to_wait(caller=caller, most=MOST_FROM_ONE_ADDRESS, window=WINDOW) is not None:
            note(request, Happening.SHUT, means=FROM_ONE_ADDRESS)
            raise ValidationError(told(FROM_HERE), code="too_many_login_attempts")
        name = str(credentials.get("username", ""))
        whose = f"password:{name}"
        try:
            begin_try(whose, at=timezone.now())
        except NotPermitted as no:
            note(request, Happening.SHUT, means=PASSWORD, user=_called(name), name=name)
            raise ValidationError(told(no.detail), code="too_many_login_attempts") from no
        user = authenticate(request, **credentials)
        if user is None:
            note(request, Happening.WRONG, means=PASSWORD, user=_called(name), name=name)
        else:
            forgive(whose)
        return user

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Let her in; the session remembers when and where."""
        super().login(request, user)
        note_sign_in(request, at=timezone.now())
        note_device(request, address=self.get_client_ip(request))
        others = sessions_of(cast("User", user), at=timezone.now()).exclude(pk=request.session.session_key)
        kept = others.order_by("-began_at", "pk").values("pk")[: settings.SESSIONS_AT_ONCE - 1]
        end_sessions(others.exclude(pk__in=kept), why=TOO_MANY_AT_ONCE, at=timezone.now())
        note(request, Happening.SIGNED_IN, means=means_shown(request, cast("User", user)), user=cast("User", user))

    def is_reauthentication_required(self, **_app: Any) -> bool:
        """Want a fresh sign-in before the means of signing in are changed."""
        return not is_fresh(signed_in_at(self.request), at=timezone.now())

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Name the one page on which people show once more who they are."""
        return [{"id": "step_up", "url": reverse("step_up")}] if user.is_authenticated else []

    def send_notification_mail(self, template_prefix: str, user: User, *_words: Any, **_more: Any) -> None:
        """Put it on record when the means of signing in change, and end what began with the old ones.

        The library tells us right after its transaction.
        """
        sentence = MEANS.get(template_prefix)
        if sentence is not None:
            with transaction.atomic():
                record_means(person=user, sentence=sentence, actor=user, at=timezone.now())
                here = self.request.session.session_key if self.request is not None else None
                others = sessions_of(user, at=timezone.now()).exclude(pk=here or "")
                end_sessions(others, why=NEW_MEANS, at=timezone.now())


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # ships without types
    """What lies in the database is sealed: who reads a table cannot make codes."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """Draw the code as part of the page: the policy of our pages forbids pictures as addresses."""
        drawn: str = super().build_totp_svg(url)
        return drawn[drawn.index("<svg") :]


def _called(name: str) -> User | None:
    return User.objects.filter(username__iexact=name).first() if NUL not in name else None


def _box() -> MultiFernet:
    return box(settings.SIGN_IN_KEYS, purpose=SEAL_PURPOSE)
