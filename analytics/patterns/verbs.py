"""What people say about patterns: read them anew, stop, and what became of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.spoken import speak
from config.kernel.web import PersonRequest, asks_for_fragment, or_404, page, render_page
from config.kernel.wording import said

from . import keeping, kept, marking
from .forms import LookForm
from .pages import progress, show_signal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.refusals import Reason
    from config.kernel.spoken import SpokenForm


@page(kept.SEES)
@require_safe
def reading(request: PersonRequest) -> HttpResponse:
    """Show how far the reading is, where the page asks for it; elsewhere lead to the page."""
    if not asks_for_fragment(request):
        return redirect("analytics:patterns")
    context = {**progress(request.user), "as_of": keeping.last_read_at(), "is_news": True}
    return render_page(request, "analytics/pattern_reading.html", context, fragment="pattern_reading")


@page(keeping.READS)
@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """Have the patterns read anew."""
    keeping.ask_reading(actor=request.user, at=timezone.now())
    messages.info(request, said("The patterns are read anew; what was found before stands meanwhile."))
    return redirect("analytics:patterns")


@page(keeping.READS)
@require_POST
def stop(request: PersonRequest) -> HttpResponse:
    """Stop reading."""
    keeping.cancel_reading(actor=request.user)
    messages.info(
        request, said("The reading stops after the team it is at. The other teams keep what was found before.")
    )
    return redirect("analytics:patterns")


@page(marking.LOOKS)
@require_POST
def look_into(request: PersonRequest, standing_id: UUID) -> HttpResponse:
    """Say what became of a signal."""
    signal = or_404(kept.one_signal(request.user, standing_id), "signal")

    def command(typed: dict[str, Any]) -> str:
        marking.look_into(standing_id=standing_id, actor=request.user, at=timezone.now(), **typed)
        return "What you found is kept with the signal."

    def shown(*, form: SpokenForm | None, reasons: Sequence[Reason], status: int) -> HttpResponse:
        return show_signal(request, signal, form=form, reasons=reasons, status=status)

    return speak(request, LookForm, command, leads_to=signal.get_absolute_url(), shown=shown)
