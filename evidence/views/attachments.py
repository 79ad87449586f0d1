"""Showing a file to those who may see it, and writing down that they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, or_404, page
from evidence.attachments import record_opening
from evidence.permissions import visible_to
from evidence.pictures import SHOWN_MEDIA_TYPE

if TYPE_CHECKING:
    from uuid import UUID

ALONE = (
    "sandbox; script-src 'none'; object-src 'none'; connect-src 'none'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""A file from outside is never a page: nothing in it runs, sends, or is framed.

Styles stay unnamed, for a browser draws an opened picture with styles of its own and would complain of them.
"""


@require_safe
@page()
def attachment(request: PersonRequest, attachment_id: UUID) -> HttpResponse:
    """Serve the copy without metadata; strangers and the unentitled alike learn nothing, not even that it exists."""
    found = or_404(visible_to(request.user).filter(pk=attachment_id).first(), "attachment")
    # A page that shows thumbnails opens nothing; the record of what was opened before a decision must stay honest.
    if request.GET.get("size") != "small":
        record_opening(attachment=found, viewer=request.user, at=timezone.now())
    with found.shown.open("rb") as shown:
        content = shown.read()
    return HttpResponse(
        content,
        content_type=SHOWN_MEDIA_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{found.pk}.webp"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": ALONE,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
