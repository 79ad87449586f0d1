"""What auditors look at: checkpoints, keys, copies, and the proof that one entry is under a signed root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, page, render_page
from evidence.checkpoints.checking import COVERED_WITHIN
from evidence.checkpoints.proving import NotProven, look_up, public_keys
from evidence.forms import EntryLookUp
from evidence.selectors import page_of_checkpoints, troubled_errands, uncovered_since

if TYPE_CHECKING:
    from django.http import HttpResponse


@require_safe
@page("evidence.view_checkpoint")
def ledger(request: PersonRequest) -> HttpResponse:
    """List checkpoints newest first, with keys and troubles; an entry by its number gets its proof."""
    now = timezone.now()
    form = EntryLookUp(request.GET if "entry" in request.GET else None)
    proof, refusal = None, ""
    if form.is_bound and form.is_valid():
        try:
            proof = look_up(form.cleaned_data["entry"])
        except NotProven as no:
            refusal = str(no)
    before = request.GET.get("before", "")
    listed = page_of_checkpoints(below=int(before) if before.isascii() and before.isdecimal() else None)
    waiting_since = uncovered_since()
    return render_page(
        request,
        "evidence/ledger.html",
        {
            "form": form,
            "proof": proof,
            "refusal": refusal,
            "checkpoints": listed.checkpoints,
            "older": f"?before={listed.older_than}" if listed.older_than else "",
            "newest": "?" if before else "",
            "latest": listed.latest,
            "keys": public_keys(),
            "troubles": troubled_errands(),
            "waiting_since": waiting_since,
            "is_late": waiting_since is not None and now - waiting_since > COVERED_WITHIN,
            "now": now,
        },
    )
