"""Who came in and who tried to, for administrators and auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.conf import settings
from django.views.decorators.http import require_safe

from config.kernel.sign_in_log import Happening, SignInEvent, hash_of_name
from config.kernel.web import PersonRequest, number_in, page, render_page

from .everybody_out import ENDS

if TYPE_CHECKING:
    from django.http import HttpResponse

SEES: Final = "kernel.view_signinevent"
AT_ONCE: Final = 50
LONGEST_ID: Final = 18


@page(SEES)
@require_safe
def sign_ins(request: PersonRequest) -> HttpResponse:
    """List what happened at the door, the newest first; by kind, and by name, also one that nobody has."""
    happening, name = request.GET.get("happening", ""), request.GET.get("name", "").strip()
    found = SignInEvent.objects.select_related("user").order_by("-pk")
    if happening in Happening.values:
        found = found.filter(happening=happening)
    if name:
        found = found.filter(user__username__iexact=name) | found.filter(called=hash_of_name(name))
    before = number_in(request.GET.get("before", "")[:LONGEST_ID])
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found[: AT_ONCE + 1])
    asked = {"happening": happening, "name": name}
    more = len(rows) > AT_ONCE
    rows = rows[:AT_ONCE]
    context = {
        "events": rows,
        "kinds": Happening.choices,
        "asked": asked,
        "older": f"?{urlencode({**asked, 'before': rows[-1].pk})}" if more else "",
        "newest": f"?{urlencode(asked)}" if before else "",
        "keep_days": settings.SIGN_IN_KEEP_DAYS,
        "may_end": request.user.has_perm(ENDS),
    }
    return render_page(request, "account/sign_ins.html", context)
