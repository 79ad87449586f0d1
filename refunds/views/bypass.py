"""How much money left without a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, page, render_page
from refunds.actions.bypass import FORMULA, bypass_rates

if TYPE_CHECKING:
    from django.http import HttpResponse


@page("policies.view_governedaction")
@require_safe
def bypass(request: PersonRequest) -> HttpResponse:
    """Show the bypass rate of the last twelve months, per currency, with its formula."""
    context = {"rows": bypass_rates(request.user, at=timezone.now()), "formula": FORMULA}
    return render_page(request, "refunds/bypass.html", context)
