"""Acts that want a fresh sign-in: one guard for pages, for the admin site and for the API."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .refusals import NotPermitted
from .sign_in import is_fresh, signed_in_at, step_up_page, token_signed_in_at
from .wording import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rest_framework.request import Request

STEP_UP_REQUIRED: Final = "step_up_required"
SENTENCE: Final = said("Confirm who you are to go on.")
OF_SECRETS: Final = said("Confirm who you are first. No page carries a secret: what you typed is to be typed again.")

P = ParamSpec("P")


def has_shown_who_she_is(request: HttpRequest) -> bool:
    """Tell whether the person of this session showed who she is just now."""
    return is_fresh(signed_in_at(request), at=timezone.now())


def asks_again(
    *, only_if: Callable[..., bool] | None = None
) -> Callable[[Callable[P, HttpResponse]], Callable[P, HttpResponse]]:
    """Let a page, or a method of an admin class, be posted only by somebody who showed who she is just now.

    What she typed waits in her own browser and is sent again afterwards. `only_if` is asked with the parts of the
    address whether this one matters. Stands below `page`, so that whoever may not do it is not asked at all.
    """

    def decorate(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
        @wraps(view)
        def asking(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            request = next(part for part in args if isinstance(part, HttpRequest))
            if only_if is not None and request.method == "POST" and not only_if(**kwargs):
                return view(*args, **kwargs)
            asked = ask_again(request)
            return view(*args, **kwargs) if asked is None else asked

        return asking

    return decorate


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """Answer what is sent with the question who she is, which sends it again; None when she has shown it just now.

    For pages that look at the right themselves: called once they did.
    """
    if request.method != "POST" or has_shown_who_she_is(request):
        return None
    return step_up_page(
        request, goal=request.get_full_path(), sentence=SENTENCE, kept=request.POST, cancel=_from(request)
    )


def ask_before_secrets(request: HttpRequest, *, goal: str = "") -> HttpResponse | None:
    """Answer with the question who she is, which then leads to `goal`; None when she has shown it just now.

    For forms into which secrets are typed: asked before they open, because no page carries a secret along.
    """
    if has_shown_who_she_is(request):
        return None
    sentence = OF_SECRETS if request.method == "POST" else SENTENCE
    return step_up_page(request, goal=goal or request.get_full_path(), sentence=sentence, cancel=_from(request))


def check_shown_again(request: Request, *, at: datetime) -> None:
    """Want a caller of the API to have shown who she is just now, or a token that stands for it.

    :raises NotPermitted: `step_up_required`
    """
    if not is_fresh(token_signed_in_at(request.auth, request, at=at), at=at):
        raise NotPermitted(STEP_UP_REQUIRED, "This asks for a fresh sign-in, or for a token that stands for one.")


def _from(request: HttpRequest) -> str:
    return request.headers.get("Referer", "")
