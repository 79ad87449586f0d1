"""The shadow report: what a policy, or a version tried out beside it, would have done; and the rows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.http import Http404, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.csv_out import proven_lines
from config.kernel.money import Money
from config.kernel.web import uuid_in
from policies.agreement import FORMULA, Agreement, People, agreement_of, with_agreed
from policies.models import Policy
from policies.permissions import policies_visible_to
from policies.shadow import cells, page_after

from . import shadow_tables
from .pages import check_right
from .shadow_words import IN_FORCE, WOULD, Addresses, days_of, narrowing_of, watch_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from config.kernel.csv_out import Cell
    from policies.models import PolicyDecision, PolicyVersion
    from policies.shadow import Watch

PAGES = "admin/policies/policy"
ROWS_A_PAGE = 50
HEADER = (
    "Reference",
    "Decision",
    "Decided at",
    "Category",
    "Currency",
    "Amount",
    "Would have been",
    "Deciding rule",
    "In force said",
    "People",
    "Agreed amount",
    "Agreement",
)


class Place(NamedTuple):
    """Which report: the names of its three pages and what their addresses hold."""

    prefix: str
    args: tuple[int, ...]

    def address(self, word: str) -> str:
        """Name a page of the report."""
        return reverse(f"admin:policies_policy_{self.prefix}{word}", args=self.args)


class ShadowReports(PortalAdmin[Policy]):
    """A report, its rows and its file, for a policy and for each version that is or was in shadow."""

    def get_urls(self) -> list[URLPattern]:
        """Give each page its own address."""
        guarded = self.admin_site.admin_view
        pages = {"": self.shadow_report, "rows/": self.shadow_rows, "file/": self.shadow_file}
        names = {"": "shadow", "rows/": "shadow_rows", "file/": "shadow_file"}
        own = [
            path(f"<int:policy_id>/shadow/{of}{word}", guarded(page), name=f"policies_policy_{prefix}{names[word]}")
            for word, page in pages.items()
            for prefix, of in (("", ""), ("version_", "<int:number>/"))
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def shadow_report(self, request: HttpRequest, policy_id: int, number: int | None = None) -> HttpResponse:
        """Show the figures of the days asked for."""
        policy, version, place = self._asked_for(request, policy_id, number)
        watch = watch_of(request.GET.dict(), policy, version, timezone.now().date())
        to, found = Addresses(place.address("shadow_rows"), days_of(watch)), cells(watch)
        context = {
            "would": shadow_tables.would_tables(found, to),
            "people": shadow_tables.people_tables(found, to),
            "in_force": shadow_tables.in_force_tables(found, to) if version else [],
            "by_category": shadow_tables.category_rates(found, to),
            "by_day": shadow_tables.day_rates(found, to),
            "formula": FORMULA,
            "agreements": Agreement.labels,
            "count": sum(cell.count for cell in found),
            "rows_address": to.of(),
        }
        return self._shadow_page(request, "shadow.html", watch, place, context)

    @answers_refusals
    def shadow_rows(self, request: HttpRequest, policy_id: int, number: int | None = None) -> HttpResponse:
        """List the decisions behind a figure, page by page."""
        policy, version, place = self._asked_for(request, policy_id, number)
        watch = watch_of(request.GET.dict(), policy, version, timezone.now().date())
        shown = page_after(watch, uuid_in(request.GET.get("after", "")), ROWS_A_PAGE)
        to = Addresses(place.address("shadow_rows"), days_of(watch))
        context = {
            "rows": [(row, Money(row.amount_minor, row.currency), *_words_of(row)) for row in shown[:ROWS_A_PAGE]],
            "next": to.of(**words_of(watch), after=str(shown[ROWS_A_PAGE - 1].pk)) if shown[ROWS_A_PAGE:] else "",
            "file": Addresses(place.address("shadow_file"), days_of(watch)).of(**words_of(watch)),
            "narrowed": narrowing_of(watch),
        }
        return self._shadow_page(request, "shadow_rows.html", watch, place, context)

    @answers_refusals
    def shadow_file(self, request: HttpRequest, policy_id: int, number: int | None = None) -> HttpResponse:
        """Hand the same rows out as a file that says what was asked and proves what it holds."""
        policy, version, _ = self._asked_for(request, policy_id, number)
        watch = watch_of(request.GET.dict(), policy, version, timezone.now().date())
        name = f"{policy.slug}{f'-v{version.number}' if version else ''}-shadow-{watch.from_on}-{watch.to_on}.csv"
        lines = proven_lines(HEADER, _file_rows(watch), query=request.get_full_path(), at=timezone.now())
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
        return cast("HttpResponse", answer)

    def _asked_for(
        self, request: HttpRequest, policy_id: int, number: int | None
    ) -> tuple[Policy, PolicyVersion | None, Place]:
        check_right(request, "policies.view_policyversion")
        seen = policies_visible_to(person_of(request)).select_related("team")
        policy = seen.filter(pk=policy_id).first()
        version = policy.versions.filter(number=number).first() if policy and number is not None else None
        if policy is None or (number is not None and version is None):
            raise Http404
        if version is None:
            return policy, None, Place("", (policy.pk,))
        version.policy = policy
        return policy, version, Place("version_", (policy.pk, version.number))

    def _shadow_page(
        self, request: HttpRequest, template: str, watch: Watch, place: Place, context: dict[str, Any]
    ) -> HttpResponse:
        about = str(watch.version or watch.policy)
        shown = {
            "title": f"Shadow report: {about}",
            "policy": watch.policy,
            "version": watch.version,
            "watch": watch,
            "report": place.address("shadow"),
            "back_to_report": f"{place.address('shadow')}?from={watch.from_on}&to={watch.to_on}",
            **context,
        }
        return admin_page(self, request, f"{PAGES}/{template}", shown)


def _words_of(row: Any) -> tuple[str, str, str, Money | None]:
    """Say what the verdict would have been, what people did, what was in force, and what was signed for."""
    agreed = None if row.agreed_minor is None else Money(row.agreed_minor, row.currency)
    return (
        WOULD[row.outcome],
        str(People(row.people).label),
        IN_FORCE[row.in_force] if row.in_force else "",
        agreed,
    )


def _file_rows(watch: Watch) -> Iterator[tuple[list[Cell], Money]]:
    rows: Iterator[PolicyDecision] = with_agreed(watch.rows()).iterator(chunk_size=500)
    for row in rows:
        would, people, in_force, agreed = _words_of(row)
        amount = Money(row.amount_minor, row.currency)
        yield (
            [
                row.reference,
                str(row.pk),
                row.decided_at.isoformat(),
                row.get_category_display(),
                row.currency,
                amount.major,
                would,
                row.matched_rule,
                in_force,
                people,
                agreed.major if agreed else None,
                str(agreement_of(row.outcome, row.people).label),  # type: ignore[attr-defined]  # the query annotates it
            ],
            amount,
        )
