"""Showing a file to those who may see it, and writing down that they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, number_in, or_404, page, render_page
from evidence.attachments import record_opening
from evidence.gallery import sheet_of
from evidence.links import SMALL, link_in
from evidence.permissions import visible_to
from evidence.pictures import SHOWN_MEDIA_TYPE, small_of

if TYPE_CHECKING:
    from uuid import UUID

    from evidence.links import Link

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
    """Show one page of a file large, in a page of its own; strangers learn nothing, not even that it exists."""
    found = or_404(visible_to(request.user).filter(pk=attachment_id).first(), "attachment")
    sheet = sheet_of(found, viewer=request.user, page=number_in(request.GET.get("page", "")) or 1)
    return render_page(request, "evidence/viewer.html", {"sheet": sheet}, fragment="sheet")


@require_safe
@page()
def file(request: PersonRequest, token: str) -> HttpResponse:
    """Serve what a fresh address of this very person leads to; a bent, old or lent one leads nowhere."""
    link: Link = or_404(link_in(token, viewer=request.user), "file")
    # A thumbnail opens nothing; the record of what was opened before a decision must stay honest.
    if link.page != SMALL:
        record_opening(attachment=link.attachment, viewer=request.user, page=link.page, at=timezone.now())
    return picture_alone(link)


def picture_alone(link: Link) -> HttpResponse:
    """Answer a drawn picture under headers that let it be nothing else."""
    return HttpResponse(
        _stored(link),
        content_type=SHOWN_MEDIA_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{link.attachment.pk}.webp"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": ALONE,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _stored(link: Link) -> bytes:
    if link.page == SMALL and not default_storage.exists(link.stored):
        # Files from before there were thumbnails.
        with default_storage.open(str(link.attachment.shown), "rb") as shown:
            return small_of(shown.read())
    with default_storage.open(link.stored, "rb") as stored:
        content: bytes = stored.read()
    return content
