"""Keeping what was refused: whoever tries doors is seen by the auditors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.kernel.people import User

from .models import RefusedAction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse

READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
NOES = {HTTPStatus.FORBIDDEN: "not_permitted", HTTPStatus.UNPROCESSABLE_ENTITY: "refused"}
"""What is kept, and its code where the answer names none. Slips of the pen and lost races are no refusals."""

LONGEST_ABOUT = 80


class RefusedActions:
    """Looks at every answer to a verb, after whatever the verb did was rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand around the rest."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep the no."""
        response = self.get_response(request)
        if request.method not in READS and response.status_code in NOES:
            _keep(request, response)
        return response


def _keep(request: HttpRequest, response: HttpResponse) -> None:
    actor, match = getattr(request, "user", None), request.resolver_match
    # The same no told again is no second attempt.
    if not isinstance(actor, User) or match is None or "Idempotency-Replayed" in response:
        return
    told: Any = getattr(response, "data", None)
    code = told.get("code") if isinstance(told, dict) else getattr(response, "refusal_code", "")
    RefusedAction.objects.create(
        actor=actor,
        at=timezone.now(),
        action=match.view_name[:100],
        about=_about(match.kwargs),
        status=response.status_code,
        code=str(code or NOES[HTTPStatus(response.status_code)])[:60],
        request_id=str(getattr(request, "request_id", "")),
    )


def _about(words: Mapping[str, object]) -> str:
    """Name what the verb was about, by our own names alone: other places of an address may hold a secret."""
    known = [str(word) for name, word in words.items() if name in {"reference", "slug"} or name.endswith("_id")]
    return " ".join(known).replace("\x00", "")[:LONGEST_ABOUT]
