"""Finance's payment files: what waits, what was prepared, who released it; taken to the bank as the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.money import Money
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, or_404, page, render_page
from config.kernel.wording import said
from refunds.payouts import files
from refunds.payouts.accounts import UnreadableAccount, open_sealed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from config.kernel.people import User
    from config.kernel.refusals import Reason
    from refunds.models import PaymentFile, Transfer

SEES = "refunds.view_paymentfile"
SEES_ACCOUNTS = "refunds.view_payee"
PAGE = 50


@page(SEES)
@require_safe
def payment_files(request: PersonRequest) -> HttpResponse:
    """List what waits for a file, by currency, and the latest files."""
    return _list_page(request)


@page(SEES)
@require_safe
def payment_file(request: PersonRequest, file_id: UUID) -> HttpResponse:
    """Show one file and its transfers; whole accounts only to those who compare them."""
    return _file_page(request, _found(request, file_id))


@page(files.PREPARES)
@require_POST
def prepare_payment_file(request: PersonRequest) -> HttpResponse:
    """Collect what waits in one currency."""
    try:
        file = files.prepare_file(currency=request.POST.get("currency", ""), actor=request.user, at=timezone.now())
    except Refused as no:
        return _list_page(request, no.reasons, status=UNPROCESSABLE)
    messages.success(request, said("{file} was prepared; somebody else releases it.", file=file.message_id))
    return redirect("refunds:payment_file", file.pk)


@page(files.RELEASES)
@require_POST
@asks_again()
def release_payment_file(request: PersonRequest, file_id: UUID) -> HttpResponse:
    """Release a file prepared by somebody else."""
    found = _found(request, file_id)
    try:
        files.release_file(file_id=found.pk, actor=request.user, at=timezone.now())
    except Refused as no:
        return _file_page(request, found, no.reasons, status=UNPROCESSABLE)
    messages.success(request, said("{file} was released; take it to the bank.", file=found.message_id))
    return redirect("refunds:payment_file", found.pk)


@page(files.PREPARES)
@require_POST
def discard_payment_file(request: PersonRequest, file_id: UUID) -> HttpResponse:
    """Drop a file; its transfers wait for another one."""
    found = _found(request, file_id)
    files.discard_file(file_id=found.pk, actor=request.user, at=timezone.now())
    messages.success(request, said("{file} was discarded.", file=found.message_id))
    return redirect("refunds:payment_files")


@page(SEES_ACCOUNTS)
@require_safe
def payment_file_content(request: PersonRequest, file_id: UUID) -> HttpResponse:
    """Take a released file."""
    found = _found(request, file_id)
    try:
        content = files.take_file(file=found, actor=request.user, at=timezone.now())
    except UnreadableAccount as gone:
        raise OutOfDate("out_of_date", said("This file was emptied, or the key that opens it is gone.")) from gone
    return HttpResponse(
        content,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{found.message_id}.xml"', "Cache-Control": "no-store"},
    )


def _found(request: PersonRequest, file_id: UUID) -> PaymentFile:
    files_seen = files.files_visible_to(request.user).select_related("prepared_by", "released_by", "discarded_by")
    found: PaymentFile = or_404(files_seen.filter(pk=file_id).first(), "payment file")
    return found


def _list_page(request: PersonRequest, reasons: Sequence[Reason] = (), *, status: int = 200) -> HttpResponse:
    seen = files.files_visible_to(request.user).select_related("prepared_by", "released_by")
    context = {
        "waiting": _waiting(request.user),
        "files": list(seen.order_by("-prepared_at", "-pk")[:PAGE]),
        "reasons": reasons,
        "may_prepare": request.user.has_perm(files.PREPARES),
    }
    return render_page(request, "refunds/payment_files.html", context, status=status)


def _file_page(
    request: PersonRequest, file: PaymentFile, reasons: Sequence[Reason] = (), *, status: int = 200
) -> HttpResponse:
    transfers = file.transfers.select_related("operation__payout", "operation__refund_request").order_by("pk")
    sees_accounts = request.user.has_perm(SEES_ACCOUNTS)
    context = {
        "file": file,
        "rows": [{"transfer": one, "iban": _iban(one) if sees_accounts else _masked(one)} for one in transfers],
        "reasons": reasons,
        "may_release": file.state == "prepared"
        and request.user.has_perm(files.RELEASES)
        and file.prepared_by_id != request.user.pk,
        "may_discard": file.state == "prepared" and request.user.has_perm(files.PREPARES),
        "may_take": file.state == "released" and sees_accounts,
    }
    return render_page(request, "refunds/payment_file.html", context, status=status)


def _waiting(viewer: User) -> list[dict[str, Any]]:
    sums: dict[str, list[int]] = {}
    for currency, minor in files.waiting_transfers(viewer, at=timezone.now()).values_list("currency", "amount_minor"):
        sums.setdefault(currency, []).append(minor)
    return [
        {"currency": currency, "count": len(amounts), "total": Money(sum(amounts), currency)}
        for currency, amounts in sorted(sums.items())
    ]


def _iban(transfer: Transfer) -> str:
    payout = transfer.operation.payout
    if payout is None or not payout.iban_sealed:
        return ""
    try:
        return open_sealed(payout.iban_sealed)
    except UnreadableAccount:
        return payout.iban_masked


def _masked(transfer: Transfer) -> str:
    return transfer.operation.payout.iban_masked if transfer.operation.payout is not None else ""
