"""What customers were told, for everybody who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, page, render_page
from evidence.forms import OutboxFilter
from evidence.selectors import page_of_messages, waiting_counts

if TYPE_CHECKING:
    from django.http import HttpResponse


@require_safe
@page("evidence.view_customermessage")
def outbox(request: PersonRequest) -> HttpResponse:
    """List messages newest first; a filter that makes no sense filters nothing."""
    form = OutboxFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    wanted, before, show = asked.get("q", ""), asked.get("before"), asked.get("show", "")
    listed = page_of_messages(viewer=request.user, wanted=wanted, older_than=before, show=show)
    kept = {name: value for name, value in {"q": wanted, "show": show}.items() if value}
    return render_page(
        request,
        "evidence/outbox.html",
        {
            "form": form,
            "wanted": wanted,
            "show": show,
            "waiting": waiting_counts(request.user),
            "letters": listed.messages,
            "older": "?" + urlencode({**kept, "before": listed.older_than}) if listed.older_than else "",
            "newest": "?" + urlencode(kept) if before else "",
        },
        fragment="letters",
    )
