"""Links by mail with which somebody sets her own password: when she is invited, forgot it, or is to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from config.kernel.outbox import publish
from config.kernel.people import User

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

INVITED, FORGOTTEN, SIGNS = "invited", "forgotten", "signs"
MOST_OF_ONE_MAILBOX: Final = 5
SUBJECTS: Final = {
    INVITED: "Your account in Redress",
    FORGOTTEN: "A new password for Redress",
    SIGNS: "Your new role in Redress",
}
BODIES: Final = {
    INVITED: "{name}, you have an account in Redress; your username is {username}.\n\nSet your password here, within "
    "three days:\n{link}\n",
    FORGOTTEN: "{name}, somebody asked for a new password for {username}. Was it you? Then set it here, within three "
    "days:\n{link}\n\nIf it was not you, do nothing: your password stays as it is.\n",
    SIGNS: "{name}, {username} has a new role in Redress, one that signs or confirms. So that nobody but you comes in "
    "with it, what you signed in with before has ended: the password, apps and passkeys.\n\nSet a new password here, "
    "within three days:\n{link}\n",
}


@transaction.atomic
def send_links(people: Iterable[User], *, why: str) -> int:
    """Have a link mailed to each of these people who has a mailbox; answer to how many. The worker makes the links."""
    reached = [one for one in people if _may_have_link(one)]
    for one in reached:
        publish("account.link_wanted", user_id=str(one.pk), why=why)
    return len(reached)


def people_called(typed: str) -> list[User]:
    """Find who has this username or mail address."""
    called = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed), is_active=True)
    return list(called.order_by("pk")[:MOST_OF_ONE_MAILBOX])


def link_for(user: User) -> str:
    """Make a link that is good once, for three days, and until she signs in or changes her address."""
    words = {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    return f"{settings.PORTAL_URL}{reverse('account:set_password', kwargs=words)}"


def mail_link(*, user_id: str, why: str, **_later: Any) -> None:
    """Hear that somebody is to set her password, and mail her the link; the link itself is kept nowhere."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or not _may_have_link(user) or settings.MAIL_IS_KEPT:
        return
    words = {"name": str(user), "username": user.username, "link": link_for(user)}
    EmailMessage(subject=SUBJECTS[why], body=BODIES[why].format(**words), to=[user.email]).send()


def _may_have_link(user: User) -> bool:
    return bool(user.is_active and user.email and not user.is_service_account)
