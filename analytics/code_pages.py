"""The catalogue of codes: what each is for, who answers for it, how it is used; its file; one code with its uses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.kernel.csv_out import csv_lines
from config.kernel.web import PersonRequest, moment_in, page, render_page, uuid_in
from config.kernel.wording import inside, joined, said
from evidence.ledger import timeline_of
from evidence.vocabulary import EvidenceKind
from policies.cataloguing import subject_of
from policies.engine.amounts import share_words, spoken
from policies.models import CODE_MODELS, IN_USE
from policies.vocabulary import CodeKind, CodeState, LeakageClass

from . import codes, definitions
from .remediation.permissions import SEES as SEES_ITEMS
from .remediation.selectors import items_of_code

if TYPE_CHECKING:
    from policies.models import AnyCode

    from .codes import Catalogue, CodeRow, Share

SEES = "policies.view_exceptioncode"
PAGE = 50

KINDS = {"exception": CodeKind.EXCEPTION, "reason": CodeKind.REASON}
"""The catalogues by their words in addresses."""

NAMES = {"exception": said("Exception codes"), "reason": said("Reasons")}
STANDS = {"": said("In use and drafts"), **dict(CodeState.choices), "all": said("Every state")}


@page(SEES)
@require_safe
def catalogue(request: PersonRequest) -> HttpResponse:
    """Show both catalogues, one at a time."""
    now = timezone.now()
    word = request.GET.get("kind", "")
    chosen = word if word in KINDS else "exception"
    both = {name: codes.catalogue_of(request.user, kind, at=now) for name, kind in KINDS.items()}
    shown = both[chosen]
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    context = {
        "kind": chosen,
        "tabs": [
            {"word": name, "label": NAMES[name], "count": found.active_count, "current": name == chosen}
            for name, found in both.items()
        ],
        "rows": [_line(chosen, row) for row in shown.rows if _is_wanted(row, text, state)],
        "text": text,
        "state": state if state in STANDS else "",
        "states": STANDS.items(),
        "shown": shown,
        "shares": [_share(name, share) for name, found in both.items() for share in found.shares],
        "exceptions": both["exception"],
        "bounds": (codes.FEWEST_EXCEPTION_CODES, codes.MOST_EXCEPTION_CODES),
        "definitions": definitions,
        "csv": reverse("analytics:codes_csv", args=[chosen]),
        "add": _add_address(request, KINDS[chosen]),
        "now": now,
    }
    return render_page(request, "analytics/codes.html", context, fragment="codes")


@page(SEES)
@require_safe
def catalogue_csv(request: PersonRequest, kind: str) -> HttpResponse:
    """Hand out one catalogue as a file: every state, leakage with a column for each currency."""
    now = timezone.now()
    found = codes.catalogue_of(request.user, _kind_of(kind), at=now)
    leaks = [f"Leakage {currency}" for currency in found.currencies]
    lines = csv_lines([*_COLUMNS, *leaks], [_cells(row, found) for row in found.rows])
    return HttpResponse(
        "".join(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}-codes-{now:%Y-%m-%d}.csv"'},
    )


@page(SEES)
@require_safe
def code(request: PersonRequest, kind: str, code: str) -> HttpResponse:
    """Show one code: what it says, what happened to it, and the requests that carry it."""
    found = CODE_MODELS[_kind_of(kind)].objects.filter(pk=code).first()
    if found is None:
        raise Http404
    now = timezone.now()
    uses = list(
        codes.requests_with(
            request.user,
            found,
            before_created_at=moment_in(request.GET.get("before", "")),
            before_id=uuid_in(request.GET.get("before_id", "")),
        )[: PAGE + 1]
    )
    following = ""
    if len(uses) > PAGE:
        uses = uses[:PAGE]
        last = uses[-1]
        following = f"?{urlencode({'before': last.created_at.isoformat(), 'before_id': str(last.pk)})}"
    context = {
        "kind": kind,
        "kind_label": NAMES[kind],
        "row": _line(kind, codes.code_row(request.user, found, at=now)),
        "cap": "" if found.most_share_basis_points is None else share_words(found.most_share_basis_points),
        "successor": _address(kind, found.merged_into_id) if found.merged_into_id else "",
        "uses": uses,
        "next": following,
        "is_first": "before" not in request.GET,
        "items": items_of_code(request.user, found.kind, found.code),
        "may_see_items": request.user.has_perm(SEES_ITEMS),
        "timeline": list(timeline_of(subject_of(found.kind, found.code))),
        "edit": _edit_address(request, found),
        "definitions": definitions,
        "now": now,
    }
    return render_page(request, "analytics/code.html", context, fragment="uses")


_COLUMNS = (
    "Code",
    "Meaning",
    "State",
    "Use instead",
    "Owner",
    "Playbook",
    "Promise in hours",
    "Evidence",
    "When",
    "When not",
    "Leakage class",
    "Uses in 30 days",
    "Uses in 90 days",
)


def _cells(row: CodeRow, found: Catalogue) -> list[Any]:
    one = row.code
    leaked = {money.currency: money.major for money in row.leakage}
    return [
        one.code,
        one.label,
        CodeState(one.state).label,
        one.merged_into_id or "",
        one.owner,
        one.playbook,
        one.sla_hours,
        _evidence(one),
        one.when_to_use,
        one.when_not_to_use,
        LeakageClass(one.leakage_class).label,
        row.uses.lately,
        row.uses.long,
        *[leaked.get(currency) for currency in found.currencies],
    ]


def _line(kind: str, row: CodeRow) -> dict[str, Any]:
    tones = {CodeState.DRAFT: "info", CodeState.ACTIVE: "ok", CodeState.RETIRED: "", CodeState.MERGED: ""}
    return {
        "code": row.code,
        "page": _address(kind, row.code.code),
        "tone": tones[CodeState(row.code.state)],
        "evidence": _evidence_words(row.code),
        "uses": row.uses,
        "leakage": row.leakage,
        "is_idle": row.is_idle,
        "is_in_use": row.code.state in IN_USE,
    }


def _share(kind: str, share: Share) -> dict[str, Any]:
    cap = share_words(share.code.most_share_basis_points or 0)
    told = {"code": share.code.code, "days": share.days}
    verdict = (
        said("No uses") if not share.whole else said("Above the cap") if share.is_above else said("Within the cap")
    )
    return {
        "label": said("{code} of exceptions granted, {days} days", **told)
        if kind == "exception"
        else said("{code} of requests, {days} days", **told),
        "value": share.said,
        "note": said("{part} of {whole}; at most {cap}", part=Decimal(share.part), whole=Decimal(share.whole), cap=cap),
        "change": verdict,
        "tone": "bad" if share.is_above else "ok" if share.whole else "",
        "page": _address(kind, share.code.code),
    }


def _is_wanted(row: CodeRow, text: str, state: str) -> bool:
    one = row.code
    states = {"all": CodeState.values, "": IN_USE}.get(state, [state])
    written = f"{one.code} {one.label} {one.owner} {one.when_to_use} {one.when_not_to_use} {one.playbook}".lower()
    return one.state in (states if state in STANDS else IN_USE) and text.lower() in written


def _evidence(one: AnyCode) -> str:
    return ", ".join(spoken(kind) for kind in one.evidence_kinds)


def _evidence_words(one: AnyCode) -> str:
    labels = dict(EvidenceKind.choices)
    return joined([inside(labels.get(kind, spoken(kind))) for kind in one.evidence_kinds], ", ")


def _kind_of(word: str) -> CodeKind:
    if word not in KINDS:
        raise Http404
    return KINDS[word]


def _address(kind: str, word: str) -> str:
    return reverse("analytics:code", args=[kind, word])


def _add_address(request: PersonRequest, kind: CodeKind) -> str:
    name = kind.value.replace("_", "")
    may = request.user.is_staff and request.user.has_perm(f"policies.add_{name}")
    return reverse(f"admin:policies_{name}_add") if may else ""


def _edit_address(request: PersonRequest, found: AnyCode) -> str:
    name = found.kind.value.replace("_", "")
    may = request.user.is_staff and request.user.has_perm(f"policies.change_{name}")
    return reverse(f"admin:policies_{name}_change", args=[found.code]) if may else ""
