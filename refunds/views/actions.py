"""What finance does with an action whose outcome nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.kernel.web import PersonRequest, or_404, page
from config.kernel.wording import said
from policies.models import GovernedAction
from refunds.actions.resolving import RESOLVES, confirm_nothing_moved, look_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def _spoken(command: Callable[..., GovernedAction], words: str) -> Callable[[HttpRequest, str], HttpResponse]:
    """Make the view of one verb."""

    @page(RESOLVES)
    @require_POST
    def view(request: PersonRequest, reference: str) -> HttpResponse:
        try:
            action = command(reference=reference, actor=request.user, at=timezone.now())
        except GovernedAction.DoesNotExist:
            return or_404(None, "action")  # type: ignore[no-any-return]
        messages.success(request, words)
        return redirect(action)

    return view


look_again_action = _spoken(look_again, said("The worker looks at the processor again."))
nothing_moved_action = _spoken(confirm_nothing_moved, said("Ended: nothing moved."))
