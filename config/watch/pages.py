"""The figures for people, and for Prometheus."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from config.deploy.health import CHECKS, outcome_of
from config.kernel.outbox import parked_rows
from config.kernel.refusals import Refused
from config.kernel.web import PersonRequest, page, render_page
from config.kernel.wording import said

from .gauges import operations_by_state, read_all
from .parked import MENDS, let_go, send_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.http import HttpRequest
    from prometheus_client.core import Metric

SEES: Final = "kernel.view_status"
BEARER: Final = "Bearer "
MOST_PARKED_SHOWN: Final = 50
MENDINGS: Final = {"again": send_again, "let_go": let_go}


@page(SEES)
@require_safe
def status(request: PersonRequest) -> HttpResponse:
    """Show whether the portal does its work, what is above its limit first."""
    now = timezone.now()
    readings = sorted(read_all(at=now), key=lambda one: not one.is_above)
    context = {
        "readings": readings,
        "above": sum(one.is_above for one in readings),
        "parts": {name: outcome_of(name, check) for name, check in CHECKS.items()},
        "parked": parked_rows()[:MOST_PARKED_SHOWN],
        "may_mend": request.user.has_perm(MENDS),
        "now": now,
    }
    return render_page(request, "watch/status.html", context, fragment="figures")


@page(MENDS)
@require_POST
def mend_news(request: PersonRequest, row_id: UUID) -> HttpResponse:
    """Send parked news again, or let it go."""
    mend = MENDINGS.get(request.POST.get("verb", ""))
    if mend is None:
        raise Refused("invalid", said("Say whether it is sent again or let go."), "verb")
    mend(row_id=row_id, why=request.POST.get("why", ""), actor=request.user, at=timezone.now())
    messages.success(request, said("It is with the workers again.") if mend is send_again else said("It was let go."))
    return redirect("status")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, to whoever brings METRICS_TOKEN; without one there is nothing here."""
    told = request.headers.get("Authorization", "")
    wanted = settings.METRICS_TOKEN
    if not wanted or not told.startswith(BEARER):
        raise Http404
    if not secrets.compare_digest(told.removeprefix(BEARER).encode(), wanted.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """Reads the figures when they are asked for, so that any number of processes tells the same."""

    def collect(self) -> Iterator[Metric]:
        """Answer each figure that has a value."""
        for one in read_all(at=timezone.now()):
            if one.value is not None:
                yield GaugeMetricFamily(one.gauge.metric, one.gauge.words, value=one.value)
        states = GaugeMetricFamily("redress_operations", "Refunds that are not over, by state", labels=["state"])
        for state, count in sorted(operations_by_state().items()):
            states.add_metric([state], count)
        yield states
