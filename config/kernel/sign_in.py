"""When somebody last showed who she is, and asking her to do so again before something large."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme

from .lockout import begin_try, forgive
from .refusals import NotPermitted, Refused
from .tokens import ApiToken
from .web import FORBIDDEN, UNPROCESSABLE, asks_for_fragment, moment_in, render_page
from .wording import said

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, QueryDict
    from rest_framework.request import Request

    from .people import User

SESSION_KEY = "signed_in_at"
PASSWORD, CODE, PASSKEY, AGAIN = "password", "code", "passkey", "again"
MEANS_OF_TYPE: Final[dict[str, str]] = {"totp": CODE, "recovery_codes": CODE, "webauthn": PASSKEY}
SECOND_FACTOR: Final = "_has_second_factor"
LASTS: Final = timedelta(minutes=10)
"""How long a sign-in is fresh."""
NOT_REPLAYED = {"csrfmiddlewaretoken", "password", "code", "credential", "next", "replay", "cancel"}


def note_sign_in(request: HttpRequest, *, at: datetime) -> None:
    """Remember in the session that its person showed who she is; it dies with the session."""
    request.session[SESSION_KEY] = at.isoformat()


def signed_in_at(request: HttpRequest) -> datetime | None:
    """Tell when the person of this session last showed who she is."""
    return moment_in(str(request.session.get(SESSION_KEY, "")))


def is_fresh(signed_in_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether somebody showed who she is just now."""
    return signed_in_at is not None and at - LASTS <= signed_in_at <= at + LASTS


def token_signed_in_at(token: object, request: Request, *, at: datetime) -> datetime | None:
    """Tell when a caller of the API last showed who she is: now, for a token that may stand for it, or her session."""
    if isinstance(token, ApiToken):
        return at if token.step_up_until is not None and token.step_up_until > at else None
    return signed_in_at(request._request)  # noqa: SLF001 - the framework has no other door to the session


def password_of(user: User) -> str:
    """Say whose password is tried, at the door as inside."""
    return f"password:{user.get_username()}"


def check_password(user: User, password: str, *, at: datetime) -> None:
    """Want the right password, and not too many wrong ones before it.

    :raises NotPermitted: `too_many_tries`, even with the right password
    :raises Refused: `wrong_password`
    """
    whose = password_of(user)
    begin_try(whose, at=at)
    if not user.check_password(password):
        raise Refused("wrong_password", said("This is not your password."), "password")
    forgive(whose)


def step_up_page(
    request: HttpRequest,
    *,
    goal: str,
    sentence: str,
    kept: QueryDict | None = None,
    cancel: str = "",
    no: Refused | NotPermitted | None = None,
) -> HttpResponse:
    """Ask who she is; what she had typed (`kept`) is carried along and sent to `goal` again afterwards.

    The same page answers a refused verb and a wrong password. In a panel it is the panel.
    """
    cancel = cancel or ("" if kept is None else str(kept.get("cancel", "")))
    if not url_has_allowed_host_and_scheme(
        cancel, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        cancel = "/"
    replayed = None if kept is None else [(n, v) for n, vs in kept.lists() if n not in NOT_REPLAYED for v in vs]
    context = {
        "goal": goal,
        "sentence": sentence,
        "replayed": replayed,
        "no": no,
        "cancel": cancel,
        "live": asks_for_fragment(request),
        "means": means_of(request),
    }
    refused = UNPROCESSABLE if asks_for_fragment(request) else FORBIDDEN
    return render_page(
        request,
        "registration/step_up.html",
        context,
        fragment="panel",
        status=refused if request.method == "POST" else 200,
    )


def second_factors() -> QuerySet[Authenticator]:
    """Select what people sign in with beside their password; codes kept for a lost phone are none by themselves."""
    found: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return found


def has_second_factor(user: User) -> bool:
    """Tell whether somebody signs in with two things; known for the person of a session."""
    kept = user.__dict__.get(SECOND_FACTOR)
    return bool(second_factors().filter(user=user).exists() if kept is None else kept)


def means_of(request: HttpRequest) -> frozenset[str]:
    """Name with what this person shows who she is: her second factors, else her password, else by coming in anew.

    The demo's people show nothing.
    """
    user = request.user
    if not user.is_authenticated:
        return frozenset()
    found = {MEANS_OF_TYPE[kind] for kind in Authenticator.objects.filter(user=user).values_list("type", flat=True)}
    if found:
        return frozenset(found)
    if user.has_usable_password():
        return frozenset({PASSWORD})
    return frozenset() if settings.DEMO else frozenset({AGAIN})
