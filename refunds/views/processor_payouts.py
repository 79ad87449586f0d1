"""The payouts of a processor, and fetching what they consist of."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from config.kernel.people import Team, team_ids_of
from config.kernel.web import PersonRequest, asks_for_fragment, page, render_page, uuid_in
from config.kernel.wording import said
from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.models import ProcessorPayout
from refunds.reconciliation import fetching

from .reconciliation import ADDS, SEES

if TYPE_CHECKING:
    from django.http import HttpResponse

PAGE = 50


@page(SEES)
@require_safe
def payout_list(request: PersonRequest) -> HttpResponse:
    """List what processors paid out, newest first."""
    before = uuid_in(request.GET.get("before", ""))
    found = ProcessorPayout.objects.select_related("statement").defer("statement__content").order_by("-id")
    rows = list((found.filter(id__lt=before) if before else found)[: PAGE + 1])
    following = f"?{urlencode({'before': str(rows[PAGE - 1].pk)})}" if len(rows) > PAGE else ""
    context = {"payouts": rows[:PAGE], "next": following, **_fetch_context(request)}
    return render_page(request, "refunds/processor_payouts.html", context)


@page(SEES)
@require_safe
def fetch_progress(request: PersonRequest) -> HttpResponse:
    """Say how far the fetching is; asked every second while it runs."""
    if not asks_for_fragment(request):
        return redirect("refunds:processor_payouts")
    return render_page(request, "refunds/processor_payouts.html", _fetch_context(request), fragment="progress")


@page(ADDS)
@require_POST
def fetch_payouts(request: PersonRequest) -> HttpResponse:
    """Fetch the payouts of the last months; the sandbox, which has no days, pays out first."""
    _let_the_sandbox_pay_out(request)
    fetching.ask_to_fetch(actor=request.user, at=timezone.now())
    return redirect("refunds:processor_payouts")


@page(ADDS)
@require_POST
def cancel_fetching(request: PersonRequest) -> HttpResponse:
    """Ask the fetching to stop."""
    fetching.stop_fetching(actor=request.user)
    messages.info(request, said("Fetching stops before the next payout. What was fetched stays."))
    return redirect("refunds:processor_payouts")


def _let_the_sandbox_pay_out(request: PersonRequest) -> None:
    gateway = gateway_named(fetching.STRIPE)
    if not isinstance(gateway, SandboxGateway):
        return
    teams = Team.objects.filter(pk__in=team_ids_of(request.user)).order_by("currency")
    for currency in teams.values_list("currency", flat=True).distinct():
        # Nothing moved, or it does not answer: the job says so better.
        with suppress(GatewayUnreachable):
            gateway.pay_out(currency)


def _fetch_context(request: PersonRequest) -> dict[str, Any]:
    return {
        "job": fetching.latest_fetch(),
        "may_add": request.user.has_perm(ADDS),
        "is_sandbox": settings.SANDBOX,
    }
