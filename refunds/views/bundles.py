"""Evidence to take home: asking for a bundle, how far it is, the list of one's own, the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.kernel.refusals import NotPermitted, Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, or_404, page, render_page
from config.kernel.wording import said
from evidence.bundles.keeping import LIFETIME, build_again, bundles_of, stop_bundle
from evidence.bundles.links import address_of, bundle_in
from evidence.bundles.packing import MEDIA_TYPE
from evidence.bundles.shipped import verifier_sha256
from refunds.bundles.asking import (
    TAKES_POPULATION,
    TAKES_REQUEST,
    ask_for_population,
    ask_for_request,
    check_population,
    may_take,
    take_bundle,
)
from refunds.bundles.forms import PopulationForm, RequestBundleForm
from refunds.bundles.populations import sums_of
from refunds.selectors import request_page

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.people import User
    from evidence.models import Bundle
    from refunds.models import RefundRequest

SHOWN = 50


@page(TAKES_REQUEST)
@require_POST
def ask_bundle(request: PersonRequest, reference: str) -> HttpResponse:
    """Queue the bundle of a request and lead to its progress."""
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    form = RequestBundleForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", said("This is no number of a checkpoint."), "known_checkpoint")
    bundle = ask_for_request(
        refund_request=found,
        has_files=form.cleaned_data["has_files"],
        known_checkpoint=form.cleaned_data["known_checkpoint"],
        actor=request.user,
        at=timezone.now(),
    )
    return redirect(bundle)


@page(TAKES_REQUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def bundles(request: PersonRequest) -> HttpResponse:
    """List one's own bundles; whoever may take a population counts one here first, and then has it built."""
    viewer, may_sample = request.user, request.user.has_perm(TAKES_POPULATION)
    query = request.POST if request.method == "POST" else request.GET
    form = PopulationForm(query if "from_on" in query else None, viewer=viewer) if may_sample else None
    context: dict[str, Any] = {"form": form, "sums": None, "bundles": bundles_of(viewer)[:SHOWN], "lifetime": LIFETIME}
    status = 200
    if request.method == "POST":
        try:
            return redirect(_built(form, viewer, timezone.now()))
        except Refused as no:
            context["refusal"], status = no, UNPROCESSABLE
    elif form is not None and form.is_valid():
        try:
            context |= _preview(form, viewer)
        except Refused as no:
            context["refusal"] = no
    return render_page(request, "refunds/bundles.html", context, status=status)


@page(TAKES_REQUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def bundle(request: PersonRequest, bundle_id: UUID) -> HttpResponse:
    """Say how far one's own bundle is, and lead to the file; a POST stops it, or builds it again."""
    viewer = request.user
    found: Bundle = or_404(bundles_of(viewer).filter(pk=bundle_id).first(), "bundle")
    if request.method == "POST":
        if "stop" in request.POST:
            stop_bundle(bundle=found, actor=viewer)
            messages.info(request, said("It stops at its next step. Nothing of it is kept."))
        else:
            build_again(bundle=found, actor=viewer, at=timezone.now())
        return redirect(found)
    is_waiting = found.expires_at is not None and found.expires_at > timezone.now() and found.removed_at is None
    is_open = is_waiting and may_take(viewer, found)
    context = {
        "bundle": found,
        "job": found.job,
        "address": address_of(found) if is_open else "",
        "is_gone": found.built_at is not None and not is_waiting,
        "downloads": list(found.downloads.order_by("-taken_at", "-pk")[:SHOWN]),
        "verifier_sha256": verifier_sha256(),
    }
    return render_page(request, "refunds/bundle.html", context, fragment="progress")


@page(TAKES_REQUEST)
@require_safe
def bundle_file(request: PersonRequest, token: str) -> HttpResponse:
    """Hand out the file to which a fresh address of this very person leads; every taking is recorded."""
    at = timezone.now()
    found: Bundle = or_404(bundle_in(token, viewer=request.user, at=at), "bundle")
    if request.method == "GET":
        take_bundle(bundle=found, actor=request.user, at=at)
    # Both have the headers that `page` sets; Django's types know no name for that.
    return cast("HttpResponse", file_of(found))


def file_of(bundle: Bundle) -> FileResponse:
    """Answer with a file to keep, bit by bit, which no cache keeps and no browser opens."""
    answer = FileResponse(
        default_storage.open(str(bundle.file), "rb"),
        as_attachment=True,
        filename=bundle.filename,
        content_type=MEDIA_TYPE,
    )
    answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"] = "private, no-store", "nosniff"
    return answer


def _preview(form: PopulationForm, viewer: User) -> dict[str, Any]:
    population, asked = form.population(), form.cleaned_data
    check_population(population, sample_size=asked["sample_size"], seed=asked["seed"])
    sums = sums_of(population, viewer=viewer)
    return {"sums": sums, "count": sum(each.count for each in sums), "words": population.words()}


def _built(form: PopulationForm | None, viewer: User, at: datetime) -> Bundle:
    """Queue what the form says. :raises NotPermitted: without the right :raises Refused: with every reason"""
    if form is None:
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=TAKES_POPULATION))
    if not form.is_bound or not form.is_valid():
        raise Refused("invalid", said("Say which requests, and how many of them."))
    asked = form.cleaned_data
    return ask_for_population(
        population=form.population(),
        sample_size=asked["sample_size"],
        seed=asked["seed"],
        has_files=asked["has_files"],
        known_checkpoint=asked["known_checkpoint"],
        actor=viewer,
        at=at,
    )
