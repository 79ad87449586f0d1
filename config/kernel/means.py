"""Everything somebody signs in with, taken away as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from .sessions import NEW_MEANS, Session, end_sessions
from .tokens import ApiToken

if TYPE_CHECKING:
    from datetime import datetime

    from .people import User


def has_own_means(person: User) -> bool:
    """Tell whether somebody signs in with something that is kept here: a password, an app or a passkey."""
    has_password = bool(person.password) and person.has_usable_password()
    return has_password or Authenticator.objects.filter(user=person).exists()


def has_means(person: User) -> bool:
    """Tell whether anybody can act as this person: by something of hers, by the company's word, or by a token."""
    kept = SocialAccount.objects.filter(user=person), ApiToken.objects.filter(user=person)
    return has_own_means(person) or any(found.exists() for found in kept)


def take_means(*, person: User, at: datetime) -> None:
    """Make the password unusable, forget apps, passkeys, tokens and the company's account; end what began with them.

    The company's sign-in knows her again by her mail address.
    """
    person.set_unusable_password()
    person.save(update_fields=["password"])
    Authenticator.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person).delete()
    ApiToken.objects.filter(user=person).delete()
    end_sessions(Session.objects.filter(user=person), why=NEW_MEANS, at=at)
