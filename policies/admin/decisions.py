"""What policies said: read, never written; and judged again, to show that it still says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path

from config.kernel.admin_pages import ReadOnlyAdmin, admin_page, answers_refusals, money, person_of
from config.kernel.money import Money
from policies.engine.facts import RefundFacts
from policies.fact_words import in_words
from policies.models import PolicyDecision
from policies.permissions import decisions_visible_to
from policies.replaying import replay, was_rewritten
from policies.templatetags.policy_words import rule_name
from policies.vocabulary import Outcome

from .pages import check_right

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from django.contrib.admin.views.main import ChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from policies.replaying import Replay


class Compared(NamedTuple):
    """One thing as it was stored and as it comes out now."""

    label: str
    stored: str
    now: str
    differs: bool


class SaidBy(admin.SimpleListFilter):
    """Trials say what would have been; a list that showed them beside decisions would count each case twice."""

    title = "said by"
    parameter_name = "said_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's
        """Offer what is not shown at first."""
        return [("shadow", "Versions in shadow"), ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Name what is shown at first."""
        for choice in super().choices(changelist):
            is_first = choice["query_string"] == changelist.get_query_string(remove=[self.parameter_name])
            yield {**choice, "display": "Versions in force"} if is_first else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[PolicyDecision]) -> QuerySet[PolicyDecision]:  # noqa: ARG002 - Django's
        """Leave trials out unless they are asked for."""
        return queryset if self.value() == "all" else queryset.filter(is_trial=self.value() == "shadow")


@admin.register(PolicyDecision)
class PolicyDecisionAdmin(ReadOnlyAdmin[PolicyDecision]):
    """Every verdict with the facts it rests on."""

    change_form_template = "admin/policies/policydecision/change_form.html"
    list_display = [
        "decided_at",
        "reference",
        "version",
        "category",
        "mode",
        "outcome",
        money("amount_minor"),
        "matched_rule",
    ]
    list_filter = [SaidBy, "outcome", "mode", "category"]
    list_select_related = ["version__policy"]
    search_fields = ["reference__iexact", "subject_id__exact"]
    ordering = ["-decided_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyDecision]:
        """Show those of the viewer's teams."""
        return decisions_visible_to(person_of(request))

    def get_urls(self) -> list[URLPattern]:
        """Give the replay its own address."""
        guarded = self.admin_site.admin_view(self.replay_page)
        own = path("<uuid:decision_id>/replay/", guarded, name="policies_policydecision_replay")
        return [own, *super().get_urls()]

    @answers_refusals
    def replay_page(self, request: HttpRequest, decision_id: UUID) -> HttpResponse:
        """Judge a decision again from its facts and show both, side by side."""
        check_right(request, "policies.view_policydecision")
        seen = self.get_queryset(request).select_related("version__policy")
        decision = seen.filter(pk=decision_id).first()
        if decision is None:
            raise Http404
        again = replay(decision)
        context = {
            "title": f"Replay of {decision.reference or decision.pk}",
            "decision": decision,
            "again": again,
            "is_rewritten": was_rewritten(
                is_trial=decision.is_trial, decided_at=decision.decided_at, shadow_since=decision.version.shadow_since
            ),
            "rows": _side_by_side(decision, again),
            "facts": _facts_of(decision),
        }
        return admin_page(self, request, "admin/policies/policydecision/replay.html", context)


def _side_by_side(decision: PolicyDecision, again: Replay) -> list[Compared]:
    """Lay out what is compared; sentences are shown and not compared, their wording may improve."""
    verdict = again.verdict
    if verdict is None:
        return []
    differing = {difference.what for difference in again.differences}
    stored = _findings(
        (finding["rule"], finding["passed"], finding.get("sentence", "")) for finding in decision.findings
    )
    now = _findings((finding.rule, finding.passed, finding.sentence) for finding in verdict.findings)
    rules = [*stored, *(rule for rule in now if rule not in stored)]
    return [
        Compared("Outcome", decision.get_outcome_display(), Outcome(verdict.outcome).label, "outcome" in differing),
        Compared(
            "Deciding rule",
            rule_name(decision.matched_rule),
            rule_name(verdict.matched_rule),
            "rule that decided" in differing,
        ),
        Compared(
            "Allowed by the policy",
            str(Money(decision.allowed_minor, decision.currency)),
            str(Money(verdict.allowed_minor, decision.currency)),
            "allowed amount in minor units" in differing,
        ),
        *(
            Compared(
                rule_name(rule),
                stored.get(rule, "Not asked."),
                now.get(rule, "Not asked."),
                f"finding {rule}" in differing,
            )
            for rule in rules
        ),
    ]


def _findings(findings: Iterable[tuple[str, bool, str]]) -> dict[str, str]:
    return {str(rule): f"{'Passed' if passed else 'Failed'}. {sentence}" for rule, passed, sentence in findings}


def _facts_of(decision: PolicyDecision) -> list[tuple[str, str]]:
    """Say the facts in words; facts nobody understands are shown as they lie there."""
    try:
        return in_words(RefundFacts.from_json(decision.facts))
    except (AttributeError, KeyError, TypeError, ValueError):
        return [(name, str(value)) for name, value in decision.facts.items()]
