"""When somebody last showed who she is, and asking her to do so again before something large."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils.http import url_has_allowed_host_and_scheme

from .people import User
from .refusals import NotPermitted, Refused
from .tokens import ApiToken
from .web import FORBIDDEN, UNPROCESSABLE, asks_for_fragment, moment_in, render_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from rest_framework.request import Request

SESSION_KEY = "signed_in_at"
MOST_WRONG = 5
WITHIN = timedelta(minutes=15)
NOT_REPLAYED = {"csrfmiddlewaretoken", "password", "next", "replay", "cancel"}


class WrongPassword(models.Model):
    """One wrong try of somebody who is logged in to show once more who she is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tried_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="wrong_passwords_lately", fields=["user", "tried_at"])]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.tried_at:%H:%M}"


def note_sign_in(request: HttpRequest, *, at: datetime) -> None:
    """Remember in the session that its person showed who she is; it dies with the session."""
    request.session[SESSION_KEY] = at.isoformat()


def signed_in_at(request: HttpRequest) -> datetime | None:
    """Tell when the person of this session last showed who she is."""
    return moment_in(str(request.session.get(SESSION_KEY, "")))


def token_signed_in_at(token: object, request: Request, *, at: datetime) -> datetime | None:
    """Tell when a caller of the API last showed who she is: now, for a token that may stand for it, or her session."""
    if isinstance(token, ApiToken):
        return at if token.step_up_until is not None and token.step_up_until > at else None
    return signed_in_at(request._request)  # noqa: SLF001 - the framework has no other door to the session


def check_password(user: User, password: str, *, at: datetime) -> None:
    """Want the right password, and not too many wrong ones before it.

    :raises NotPermitted: `too_many_tries`, even with the right password
    :raises Refused: `wrong_password`
    """
    with transaction.atomic():
        # One try of a person at a time, or many at once would all be the fifth.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        lately = WrongPassword.objects.filter(user=user, tried_at__gt=at - WITHIN).count()
        if lately >= MOST_WRONG:
            minutes = int(WITHIN.total_seconds() // 60)
            raise NotPermitted(
                "too_many_tries",
                f"That were {MOST_WRONG} wrong passwords in {minutes} minutes. Wait a while and try again.",
            )
        is_right = user.check_password(password)
        if not is_right:
            WrongPassword.objects.filter(user=user, tried_at__lte=at - WITHIN).delete()
            WrongPassword.objects.create(user=user, tried_at=at)
    if not is_right:
        raise Refused("wrong_password", "This is not your password.", "password")


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
        "needs_password": needs_password(request),
    }
    is_asked_again = kept is not None or no is not None
    refused = UNPROCESSABLE if asks_for_fragment(request) else FORBIDDEN
    return render_page(
        request,
        "registration/step_up.html",
        context,
        fragment="panel",
        status=refused if is_asked_again else 200,
    )


def needs_password(request: HttpRequest) -> bool:
    """Tell whether showing who she is takes a password; in the demo nobody has one."""
    user = request.user
    return not (settings.DEMO and user.is_authenticated and not user.has_usable_password())
