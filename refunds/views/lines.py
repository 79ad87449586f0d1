"""One statement line: what it may be, and the buttons that match it, take it apart or lead to its break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.web import (
    PersonRequest,
    asks_for_fragment,
    day_in,
    number_in,
    or_404,
    page,
    render_page,
    status_of,
    uuid_in,
)
from config.kernel.wording import counted, said
from refunds.models import Operation, StatementLine
from refunds.permissions import operations_visible_to
from refunds.reconciliation import by_hand, selectors
from refunds.reconciliation.both_sides import MOST_PARTS
from refunds.reconciliation.permissions import lines_visible_to
from refunds.reconciliation.suggestions import Suggestions, siblings_of, suggestions_for
from refunds.reconciliation.two_sides import OPEN, RESULTS, lines_with, month_of, two_sides
from refunds.vocabulary import ACCOUNTS, LineResult, OperationState

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User

SEES = "refunds.view_statement"
KEPT = ("tab", "result", "account", "currency", "from", "to")


@dataclass(frozen=True, slots=True)
class View:
    """Which lines the list shows; read from an address, and back from the form of a panel."""

    period: selectors.Period
    result: str
    query: str

    @classmethod
    def of(cls, query: QueryDict) -> View:
        """Read an address; what cannot be read is left out."""
        account = query.get("account", "")
        currency = query.get("currency", "").upper()
        period = selectors.Period(
            day_in(query.get("from", "")),
            day_in(query.get("to", "")),
            account if account in dict(ACCOUNTS) else "",
            currency if len(currency) == 3 and currency.isalpha() else "",  # noqa: PLR2004 - an ISO code
        )
        result = query.get("result", "")
        kept = {name: str(query[name]) for name in KEPT if query.get(name)}
        return cls(period, result if result in RESULTS else OPEN, urlencode(kept))

    @property
    def address(self) -> str:
        """The list itself."""
        return f"{reverse('refunds:reconciliation')}?{self.query}"


@page(SEES)
@require_safe
def line(request: PersonRequest, line_id: int) -> HttpResponse:
    """Show a line beside the list, or on a page of its own."""
    found = _found(request.user, line_id)
    view = View.of(QueryDict(request.GET.get("back", "")))
    return render_page(request, "refunds/line.html", _context(request.user, found, view), fragment="panel")


@page(by_hand.MATCHES)
@require_POST
def match_line(request: PersonRequest, line_id: int) -> HttpResponse:
    """Match a line with what was chosen; a suggestion that was accepted brings its own note."""
    found = _found(request.user, line_id)
    view = View.of(QueryDict(request.POST.get("back", "")))
    try:
        operation_ids = _chosen(request)
        line_ids = [found.pk, *(pk for text in request.POST.getlist("line") if (pk := number_in(text)))]
        note = request.POST.get("note", "").strip()
        if not note and len(operation_ids) == 1:
            note = _why_suggested(suggestions_for(request.user, [found]).get(found.pk), operation_ids[0])
        by_hand.match_by_hand(
            line_ids=line_ids, operation_ids=operation_ids, note=note, actor=request.user, at=timezone.now()
        )
    except (StatementLine.DoesNotExist, Operation.DoesNotExist):
        return or_404(None, "side")  # type: ignore[no-any-return]
    except (Refused, NotPermitted, OutOfDate) as no:
        return _refused(request, found, view, no)
    return _following(
        request, found, view, said("Matched {amount} on {number}.", amount=found.gross, number=found.external_id)
    )


@page(by_hand.SEVERS)
@require_POST
def unmatch_line(request: PersonRequest, line_id: int) -> HttpResponse:
    """Take a match apart, with a reason."""
    found = _found(request.user, line_id)
    view = View.of(QueryDict(request.POST.get("back", "")))
    try:
        by_hand.unmatch(line_id=found.pk, why=request.POST.get("note", ""), actor=request.user, at=timezone.now())
    except (Refused, NotPermitted, OutOfDate) as no:
        return _refused(request, found, view, no)
    return _following(
        request, found, view, said("{number} was taken apart and is open again.", number=found.external_id)
    )


@page(by_hand.MATCHES)
@require_POST
def accept_exact(request: PersonRequest) -> HttpResponse:
    """Accept the exact matches that the list showed, each by itself, and say of the others why not."""
    pairs = [
        (line_id, operation_id)
        for text in request.POST.getlist("pair")[: selectors.PAGE]
        if (line_id := number_in(text.partition(":")[0])) and (operation_id := uuid_in(text.partition(":")[2]))
    ]
    accepted, refusals = 0, []
    for line_id, operation_id in pairs:
        try:
            by_hand.accept_exact(line_id=line_id, operation_id=operation_id, actor=request.user, at=timezone.now())
        except (Refused, NotPermitted, OutOfDate) as no:
            refusals.append(no.detail if not isinstance(no, Refused) else no.reasons[0].detail)
        except (StatementLine.DoesNotExist, Operation.DoesNotExist):
            refusals.append(said("A line or a refund is not there any more."))
        else:
            accepted += 1
    if accepted:
        messages.success(
            request, counted("{count} exact matches accepted.", "{count} exact matches accepted.", accepted)
        )
    for sentence in dict.fromkeys(refusals):
        messages.warning(
            request, said("{count} not accepted: {sentence}", count=refusals.count(sentence), sentence=sentence)
        )
    return redirect(View.of(QueryDict(request.POST.get("back", ""))).address)


def _found(viewer: User, line_id: int) -> StatementLine:
    lines = lines_visible_to(viewer).select_related("statement").defer("statement__content")
    return or_404(lines.filter(pk=line_id).first(), "line")  # type: ignore[no-any-return]


def _chosen(request: PersonRequest) -> list[UUID]:
    """Read the refunds that were ticked, and those that were named.

    :raises Refused: `unknown_reference` for a name of no refund that went out
    """
    ids = [pk for text in request.POST.getlist("operation") if (pk := uuid_in(text))]
    names = request.POST.get("references", "").upper().replace(",", " ").split()[:MOST_PARTS]
    named = operations_visible_to(request.user).filter(
        refund_request__reference__in=names, state=OperationState.SUCCEEDED
    )
    known = dict(named.values_list("refund_request__reference", "pk"))
    for name in names:
        if name not in known:
            raise Refused(
                "unknown_reference",
                said("{name} is no refund of your teams that went out.", name=name[:40]),
                "references",
            )
    return list(dict.fromkeys([*ids, *known.values()]))


def _why_suggested(suggestions: Suggestions | None, operation_id: UUID) -> str:
    """Say in the words of its reasons why a suggestion was accepted; a weak one says nothing for itself."""
    for one in suggestions.singles if suggestions else ():
        if one.operation.pk == operation_id and not one.is_weak:
            return one.explanation
    return ""


def _context(viewer: User, found: StatementLine, view: View) -> dict[str, Any]:
    [row] = two_sides(viewer, [found])
    month = month_of(found)
    is_open = found.result == LineResult.UNMATCHED
    may_match = is_open and month is None and viewer.has_perm(by_hand.MATCHES)
    return {
        "row": row,
        "month": month,
        "suggestions": suggestions_for(viewer, [found]).get(found.pk) if is_open else None,
        "siblings": siblings_of(viewer, found) if may_match else [],
        "may_match": may_match,
        "may_sever": bool(row.matches) and month is None and viewer.has_perm(by_hand.SEVERS),
        "view": view,
        "now": timezone.now(),
    }


def _refused(
    request: PersonRequest, found: StatementLine, view: View, no: Refused | NotPermitted | OutOfDate
) -> HttpResponse:
    found = _found(request.user, found.pk)
    reasons = no.reasons if isinstance(no, Refused) else [no]
    context = {
        **_context(request.user, found, view),
        "reasons": reasons,
        "takes_focus": "fetched",
        "told": request.POST,
    }
    return render_page(request, "refunds/line.html", context, fragment="panel", status=status_of(no))


def _following(request: PersonRequest, found: StatementLine, view: View, sentence: str) -> HttpResponse:
    """Lead to the next line of the same view, and take the row of this one out of the list."""
    if not asks_for_fragment(request):
        messages.success(request, sentence)
        return redirect(view.address)
    lines = lines_with(request.user, view.period, view.result)
    following = lines.filter(pk__lt=found.pk).first() or lines.exclude(pk=found.pk).first()
    context: dict[str, Any] = {"gone": found.pk, "said": sentence, "view": view, "takes_focus": "fetched"}
    if following is not None:
        context |= _context(request.user, following, view)
    context["totals"] = selectors.totals(request.user, view.period)
    return render_page(request, "refunds/line.html", context, fragment="following")
