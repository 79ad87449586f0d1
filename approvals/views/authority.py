"""The authority matrix, and the tester of it: who can approve this?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals.conflicts import present_conflicts
from approvals.guards import is_own
from approvals.limit_changes import waiting_changes
from approvals.matrix import Question, answers, lines, people_by_role, reaches
from approvals.role_names import role_name
from approvals.services.limits import PROPOSES
from approvals.vocabulary import Category
from config.kernel.money import Money, known_currency
from config.kernel.people import Team, User
from config.kernel.refusals import Reason, Refused
from config.kernel.typed import read_amount
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import said, why_no_amount

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict


@page("approvals.view_authoritylimit")
@require_safe
def authority(request: PersonRequest) -> HttpResponse:
    """Show who may sign for how much, how far it reaches, and answer the tester."""
    at = timezone.now()
    question, refusal = None, None
    try:
        question = question_from(request.GET) if request.GET.get("amount") else None
    except Refused as refused:
        refusal = refused
    viewer = request.user
    may_propose = viewer.is_staff and viewer.has_perm(PROPOSES)
    context = {
        "lines": [(line, may_propose and not is_own(viewer, line.limit)) for line in lines()],
        "roles": {role_name(role): holders for role, holders in people_by_role().items()},
        "reaches": reaches(at=at),
        "conflicts": present_conflicts(),
        "question": question,
        "answers": answers(question, at=at) if question is not None else [],
        "refusal": refusal,
        "asked": request.GET,
        "teams": list(Team.objects.order_by("name", "pk")),
        "categories": Category.choices,
        "people": list(User.objects.filter(is_active=True).order_by("username")),
        "waiting_count": waiting_changes().count() if viewer.has_perm("approvals.view_limitchange") else None,
        "may_propose": may_propose,
        "may_review": viewer.has_perm("approvals.view_limitchange"),
    }
    status = UNPROCESSABLE if refusal is not None else 200
    return render_page(request, "approvals/authority.html", context, fragment="tester", status=status)


def question_from(query: QueryDict) -> Question:
    """Read the tester's form.

    :raises Refused: naming each field that cannot be read
    """
    reasons = []
    team = Team.objects.filter(slug=query.get("team", "")).first()
    category = query.get("category", "")
    currency = query.get("currency", "").strip().upper()
    entered_by = User.objects.filter(username=query.get("entered_by", "")).first() if query.get("entered_by") else None
    minor = 0
    if team is None:
        reasons.append(Reason("invalid", said("Choose a team."), "team"))
    if category not in Category.values:
        reasons.append(Reason("invalid", said("Choose a category."), "category"))
    if not known_currency(currency):
        reasons.append(Reason("invalid", said("Enter an ISO 4217 currency such as EUR."), "currency"))
    else:
        try:
            minor = read_amount(query.get("amount", ""), currency)
        except ValueError as problem:
            reasons.append(Reason("invalid", why_no_amount(problem), "amount"))
    if query.get("entered_by") and entered_by is None:
        reasons.append(Reason("invalid", said("Nobody is called that."), "entered_by"))
    if team is None or reasons:
        raise Refused.of(reasons)
    return Question(amount=Money(minor, currency), category=Category(category), team=team, entered_by=entered_by)
