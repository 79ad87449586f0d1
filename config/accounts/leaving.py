"""Signing out: on record, and with nothing left in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.views import LogoutView

from config.kernel.sign_in_log import Happening

from .noting import means_shown, note

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LEAVES_NOTHING: Final = '"cache", "storage"'
"""Not `"cookies"`: browsers would delete those of every neighbour under the same domain too; ours Django deletes."""


class SignOut(LogoutView):
    """Django's, which ends the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out, and have the browser forget what it kept of our pages."""
        if request.user.is_authenticated:
            means = means_shown(request, request.user)
            note(request, Happening.SIGNED_OUT, means=means, user=request.user)
        answer = super().post(request, *args, **kwargs)
        answer.headers["Clear-Site-Data"] = LEAVES_NOTHING
        return answer
