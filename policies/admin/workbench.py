"""The tools of whoever writes or reads a version: try it before saving, compare it, prove it, take it home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from config.kernel.admin_pages import answers_refusals
from config.kernel.refusals import OutOfDate
from config.kernel.web import uuid_in
from config.kernel.wording import said
from policies import exports
from policies.dead_ends import plausible_dead_ends, sentences_of
from policies.editions import edition_of
from policies.engine.document import parse_document
from policies.engine.gaps import Severity
from policies.forms import DraftForm
from policies.proving import proof_of
from policies.vocabulary import VersionState

from .comparing import cells_that_change, compared
from .pages import PAGES, VersionPages, check_right
from .tables import matrix_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from policies.engine.document import PolicyDocument
    from policies.models import PolicyVersion

OPEN = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.SHADOW, VersionState.SCHEDULED)
"""States of a version that is not in force yet."""


class Workbench(VersionPages):
    """Preview, difference, proof and files; none of them writes anything."""

    @answers_refusals
    def preview_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Answer the matrix of what was typed so far, as a fragment; whoever comes by GET goes to the draft."""
        version = self.asked_for(request, version_id)
        check_right(request, "policies.change_policyversion")
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=[version.pk]))
        if version.state != VersionState.DRAFT:
            raise OutOfDate("out_of_date", said("{version} is no draft any more.", version=version))
        form = DraftForm(version, request.POST)
        form.full_clean()
        context = {"form": form, "version": version, **preview_of(version, form)}
        return TemplateResponse(request, f"{PAGES}/preview.html", context)

    def draft_page(
        self, request: HttpRequest, version: PolicyVersion, form: DraftForm, *, status: int = 200
    ) -> HttpResponse:
        """Show a draft in typed rows with the matrix of what they say."""
        others = version.policy.versions.filter(state__in=OPEN).exclude(pk=version.pk).select_related("author")
        context = {"form": form, "sections": list(form.sections), "others": others, **preview_of(version, form)}
        return self.page(request, version, "draft.html", context, status=status)

    @answers_refusals
    def difference_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Show what a version changes against the one in force, or any other that is asked for."""
        version = self.asked_for(request, version_id)
        siblings = self.get_queryset(request).filter(policy=version.policy_id).exclude(pk=version.pk)
        other = _chosen(siblings, uuid_in(request.GET.get("against", ""))) or _usual(siblings, version)
        context = {"title": f"What {version} changes", "siblings": siblings, **compared(version, other)}
        return self.page(request, version, "difference.html", context)

    @answers_refusals
    def proof_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Show what a version leaves open, and what it says in vain."""
        version = self.asked_for(request, version_id)
        return self.page(request, version, "proof.html", {"title": f"Coverage of {version}", **proof_context(version)})

    @answers_refusals
    def rules_file(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Hand out the rules as a spreadsheet."""
        version = self.asked_for(request, version_id)
        return _file(version, "rules", exports.rules_csv(version, timezone.now()))

    @answers_refusals
    def matrix_file(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Hand out the matrix as a spreadsheet."""
        version = self.asked_for(request, version_id)
        return _file(version, "matrix", exports.matrix_csv(version, timezone.now()))


def preview_of(version: PolicyVersion, form: DraftForm) -> dict[str, Any]:
    """Draw what a draft says as typed, against the version in force; without tables while its thresholds are faulty."""
    document: PolicyDocument | None = form.drawn if form.is_bound else parse_document(version.document)
    if document is None:
        return {"tables": [], "mistakes": _mistakes(form)}
    in_force = version.policy.versions.filter(state=VersionState.PUBLISHED).first()
    tables = matrix_tables(document, parse_document(in_force.document) if in_force else None)
    return {
        "tables": tables,
        "mistakes": _mistakes(form),
        "in_force": in_force,
        "cells": cells_that_change(tables) if in_force else "",
        "is_stale": form.is_bound and form.data.get("seen") != edition_of(version),
    }


def proof_context(version: PolicyVersion) -> dict[str, Any]:
    """Prove a version and count what was found."""
    gaps = proof_of(version)
    counts = [(severity, sum(gap.severity is severity for gap in gaps)) for severity in Severity]
    words = [f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in counts if count]
    document, team = parse_document(version.document), version.policy.team
    in_a_situation = [each for each in plausible_dead_ends(document, team, at=timezone.now()) if each.situation]
    return {
        "gaps": gaps,
        "gap_counts": ", ".join(words) or "nothing found",
        "dead_ends": sentences_of(in_a_situation),
    }


def difference_from_force(version: PolicyVersion) -> dict[str, Any]:
    """Say what a version changes against the one in force, and what its proof found: what a signature rests on."""
    in_force = version.policy.versions.filter(state=VersionState.PUBLISHED).exclude(pk=version.pk).first()
    return {**compared(version, in_force), **proof_context(version)}


def _mistakes(form: DraftForm) -> list[tuple[str, str, str]]:
    """List field ids, labels and sentences of everything that is wrong."""
    if not form.is_bound:
        return []
    return [
        (form[name].auto_id, str(form[name].label), str(sentence))
        for name, sentences in form.errors.items()
        if name in form.fields
        for sentence in sentences
    ]


def _chosen(siblings: QuerySet[PolicyVersion], version_id: UUID | None) -> PolicyVersion | None:
    return siblings.filter(pk=version_id).first() if version_id else None


def _usual(siblings: QuerySet[PolicyVersion], version: PolicyVersion) -> PolicyVersion | None:
    """Compare what is not in force with what is; what was in force with the one before it."""
    if version.state in OPEN:
        return siblings.filter(state=VersionState.PUBLISHED).first()
    return siblings.filter(number__lt=version.number).order_by("-number").first()


def _file(version: PolicyVersion, word: str, lines: Iterator[str]) -> HttpResponse:
    name = f"{version.policy.slug}-v{version.number}-{word}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)
