"""Past refunds judged by a version, before it decided about any: upload, check, watch, stop, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.money import Money
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, asks_for_fragment, number_in
from policies.baselines.counting import WORDS, cases_of, cells_of
from policies.baselines.judging import ADDS, ask_baseline, cancel_baseline, check_file
from policies.baselines.reading import NEEDED, OPTIONAL
from policies.forms.baseline import BaselineForm
from policies.models import Baseline
from policies.simulation.backtesting import fingerprint_of

from .pages import PAGES, VersionPages, check_right
from .shadow_tables import reason_tables, would_tables
from .shadow_words import WOULD, Addresses

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from policies.models import PolicyVersion

ROWS_A_PAGE = 50
RUNS_SHOWN = 20


class BaselinePages(VersionPages):
    """A version's baselines, and each with its figures and its refunds."""

    def get_urls(self) -> list[URLPattern]:
        """Give each page its own address."""
        guarded, one = self.admin_site.admin_view, "<uuid:version_id>/baselines/<uuid:baseline_id>/"
        own = [
            path("<uuid:version_id>/baselines/", guarded(self.baselines_page), name="policies_policyversion_baselines"),
            path(one, guarded(self.baseline_page), name="policies_policyversion_baseline"),
            path(f"{one}cancel/", guarded(self.cancel_baseline_page), name="policies_policyversion_baseline_cancel"),
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def baselines_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Take a file, or check it only, beside what was taken before."""
        version = self.asked_for(request, version_id)
        if request.method != "POST":
            return self._taking(request, version, BaselineForm())
        check_right(request, ADDS)
        form = BaselineForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._taking(request, version, form, status=UNPROCESSABLE)
        words: dict[str, Any] = {
            "version_id": version.pk,
            "content": form.cleaned_data["file"].read(),
            "actor": person_of(request),
            "at": timezone.now(),
        }
        try:
            if "check" in request.POST:
                return self._taking(request, version, form, checked=len(check_file(**words)))
            baseline, _ = ask_baseline(**words)
        except Refused as refusal:
            form.add_refusal(refusal)
            return self._taking(request, version, form, status=UNPROCESSABLE)
        return HttpResponseRedirect(_address(version, baseline))

    @answers_refusals
    def baseline_page(self, request: HttpRequest, version_id: UUID, baseline_id: UUID) -> HttpResponse:
        """Show how far it is; once it is through, what the version would have done, and the refunds of a figure."""
        version, baseline = self._one_baseline(request, version_id, baseline_id)
        context: dict[str, Any] = {
            "title": f"Baseline of {version}",
            "baseline": baseline,
            "may_cancel": baseline.requested_by_id == person_of(request).pk,
            "differs": fingerprint_of(version.document) != baseline.document_sha256,
        }
        if asks_for_fragment(request):
            if baseline.job.is_over:
                return HttpResponse(headers={"HX-Refresh": "true"})
            return TemplateResponse(request, f"{PAGES}/baseline/progress.html", {"version": version, **context})
        if baseline.job.is_over and not baseline.is_void:
            context |= _figures(request, version, baseline)
        return self.page(request, version, "baseline/result.html", context)

    @answers_refusals
    def cancel_baseline_page(self, request: HttpRequest, version_id: UUID, baseline_id: UUID) -> HttpResponse:
        """Stop it; whoever comes by GET goes to it."""
        version, baseline = self._one_baseline(request, version_id, baseline_id)
        if request.method == "POST":
            cancel_baseline(baseline=baseline, actor=person_of(request))
        return HttpResponseRedirect(_address(version, baseline))

    def _taking(
        self, request: HttpRequest, version: PolicyVersion, form: BaselineForm, *, checked: int = 0, status: int = 200
    ) -> HttpResponse:
        kept = Baseline.objects.filter(version=version).defer("content").select_related("job", "requested_by")
        context = {
            "title": f"Baseline of {version}",
            "form": form,
            "checked": checked,
            "may_add": person_of(request).has_perm(ADDS),
            "needed": NEEDED,
            "optional": OPTIONAL,
            "runs": [(run, _address(version, run)) for run in kept[:RUNS_SHOWN]],
        }
        return self.page(request, version, "baseline/ask.html", context, status=status)

    def _one_baseline(
        self, request: HttpRequest, version_id: UUID, baseline_id: UUID
    ) -> tuple[PolicyVersion, Baseline]:
        version = self.asked_for(request, version_id)
        kept = Baseline.objects.filter(version=version).defer("content").select_related("job", "requested_by")
        baseline = kept.filter(pk=baseline_id).first()
        if baseline is None:
            raise Http404
        return version, baseline


def _figures(request: HttpRequest, version: PolicyVersion, baseline: Baseline) -> dict[str, Any]:
    cells, to = cells_of(baseline), Addresses(_address(version, baseline), {})
    asked = {word: value for word in WORDS if (value := request.GET.get(word, "")[:60].replace("\x00", ""))}
    after = number_in(request.GET.get("after", "")) or 0
    rows = list(cases_of(baseline, asked).filter(line__gt=min(after, 2**31 - 1))[: ROWS_A_PAGE + 1])
    last = rows[ROWS_A_PAGE - 1].line if rows[ROWS_A_PAGE:] else None
    return {
        "would": would_tables(cells, to),
        "by_reason": reason_tables(cells, to),
        "rows": [(row, Money(row.amount_minor, row.currency), WOULD[row.outcome]) for row in rows[:ROWS_A_PAGE]],
        "narrowed": list(asked.values()),
        "next": f"?{urlencode({**asked, 'after': str(last)})}" if last else "",
    }


def _address(version: PolicyVersion, baseline: Baseline) -> str:
    return reverse("admin:policies_policyversion_baseline", args=[version.pk, baseline.pk])
