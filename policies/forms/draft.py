"""The whole draft as one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.text import slugify

from approvals.roles import ROLES
from config.kernel.people import User
from config.kernel.wording import said, told
from policies.editions import edition_of
from policies.emergencies import second_people
from policies.engine.document import NEWEST_SCHEMA, MalformedDocument, document_json, parse_document
from policies.models import ExceptionCode
from policies.vocabulary import ChangeCategory, CodeState

from .approval import Approval
from .conduct import Sums, Tenure, Velocity
from .extras import Extras
from .goods import Conditions, Exclusions, Reasons
from .grounds import Grounds
from .hours import Hours
from .proof import Evidence, Exceptions, Risk
from .release import Release
from .thresholds import Thresholds
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.forms.boundfield import BoundField

    from config.kernel.refusals import Refused
    from policies.engine.document import PolicyDocument
    from policies.models import PolicyVersion

    from .chapter import Chapter, Grid

SIGNS = "approvals.decide_approvalstep"
JARGON = {"auto_up_to_minor": "the automatic amount", "below quorum": "below the people who must agree"}
HOW = [
    (ChangeCategory.NORMAL, said("Normal: a second person reads it before it comes into force")),
    (ChangeCategory.EMERGENCY, said("Emergency: in force at once, read within 24 hours by a third person")),
]


class DraftForm(forms.Form):
    """Texts and chapters of one draft. Once valid, `document` holds what was typed, checked by the engine."""

    what = forms.CharField(label=said("What changes"), required=False, max_length=4000, strip=True)
    why = forms.CharField(label=said("Why it changes"), required=False, max_length=4000)
    impact = forms.CharField(label=said("Whom it affects, and how"), required=False, max_length=4000)
    risk_rationale = forms.CharField(
        label=said("What could go wrong, and why it is worth it"), required=False, max_length=4000
    )
    change_category = forms.ChoiceField(label=said("How it comes into force"), choices=HOW)
    second_person = forms.ModelChoiceField(
        User.objects.none(),
        label=said("Who puts an emergency change in force"),
        required=False,
        empty_label=said("nobody named"),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    texts = ("what", "why", "impact", "risk_rationale")
    explanation = (*texts, "change_category", "second_person")

    def __init__(self, version: PolicyVersion, data: Mapping[str, Any] | None = None) -> None:
        """Ask for everything a document can say, with what the draft says now."""
        super().__init__(data, initial={"seen": edition_of(version)}, use_required_attribute=False)
        self.document: dict[str, Any] = {}
        self._stored = version.document
        for name in self.texts:
            self.fields[name].initial = getattr(version, name)
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})
        self._ask_how(version)
        document = parse_document(version.document)
        currencies = _currencies(document, version.policy.team.currency)
        signing = [role for role, permissions in ROLES.items() if SIGNS in permissions]
        codes = dict(ExceptionCode.objects.filter(state=CodeState.ACTIVE).values_list("code", "label"))
        self.chapters: list[Chapter] = [
            Thresholds(document, currencies),
            Sums(document),
            Approval(document, currencies, signing),
            Extras(document, currencies, signing, codes),
            Reasons(document),
            Windows(document),
            Grounds(document),
            Conditions(document),
            Exclusions(document),
            Evidence(document, currencies),
            Exceptions(document, codes),
            Velocity(document, currencies),
            Tenure(document, currencies),
            Hours(document, currencies),
            Risk(document, currencies),
            Release(document, currencies),
        ]
        for chapter in self.chapters:
            self.fields.update(chapter.fields)

    def _ask_how(self, version: PolicyVersion) -> None:
        self.fields["change_category"].initial = version.change_category
        person = cast("forms.ModelChoiceField[User]", self.fields["second_person"])
        person.queryset = second_people(version)
        person.initial = version.second_person_id

    def clean(self) -> dict[str, Any]:
        """Write the document down and let the engine read it; each of its errors goes to its field."""
        answers: dict[str, Any] = self.cleaned_data
        for chapter in self.chapters:
            for name, sentence in chapter.check(answers):
                self.add_error(name, told(sentence))
        if self.errors:
            return answers
        written: dict[str, Any] = {"schema_version": NEWEST_SCHEMA}
        for chapter in self.chapters:
            chapter.write(answers, written)
        try:
            self.document = document_json(parse_document(written))
        except MalformedDocument as malformed:
            paths = [path for path, _ in malformed.errors]
            for path, sentence in malformed.errors:
                # A list whose only entry is faulty also counts as empty; the entry's own error says it all.
                if not any(other.startswith(f"{path}.") for other in paths):
                    self._blame(path, sentence)
        return answers

    def add_refusal(self, refusal: Refused) -> None:
        """Put the reasons of a command at their fields."""
        for reason in refusal.reasons:
            self._blame(reason.field.removeprefix("document."), reason.detail)

    @property
    def sections(self) -> Iterator[dict[str, Any]]:
        """The chapters as the page shows them; open where something was typed or is wrong."""
        typed = {*self.changed_data, *self.errors} if self.is_bound else set()
        for place, chapter in enumerate(self.chapters):
            yield {
                "title": chapter.title,
                "slug": slugify(chapter.title),
                "hint": chapter.hint,
                "fields": [self[name] for name in chapter.plain],
                "grids": [self._bound(grid) for grid in chapter.grids],
                "is_open": place == 0 or not typed.isdisjoint(chapter.fields),
                "mistakes": len(self.errors.keys() & chapter.fields.keys()),
            }

    @property
    def drawn(self) -> PolicyDocument | None:
        """What was typed, else the stored rules with the thresholds that were; None while those are faulty."""
        if not self.errors:
            return parse_document(self.document)
        bands = self.chapters[0]
        if not self.errors.keys().isdisjoint(bands.fields):
            return None
        written = dict(self._stored)
        bands.write(self.cleaned_data, written)
        try:
            return parse_document(written)
        except MalformedDocument:
            return None

    def _bound(self, grid: Grid) -> dict[str, Any]:
        rows = [
            {"label": row.label, "falls_back": row.falls_back, "cells": [self._cell(names) for names in row.cells]}
            for row in grid.rows
        ]
        return {"caption": grid.caption, "columns": grid.columns, "rows": rows}

    def _cell(self, names: Any) -> list[BoundField]:
        return [self[name] for name in names]

    def _blame(self, path: str, sentence: str) -> None:
        places = {place: name for chapter in self.chapters for place, name in chapter.places.items()}
        for jargon, words in JARGON.items():
            sentence = sentence.replace(jargon, words)
        at = path
        while at:
            name = at if at in self.fields else places.get(at, "")
            if name:
                self.add_error(name, told(sentence))
                return
            at = at.rpartition(".")[0]
        of_chapter = [name for name in self.fields if path and name.startswith(f"{path.partition('.')[0]}.")]
        self.add_error(of_chapter[0] if of_chapter else None, told(sentence))


def _currencies(document: PolicyDocument, own: str) -> list[str]:
    """Name every currency the document speaks of, the team's own first."""
    named = {
        *[code for by_currency in document.thresholds.values() for code in by_currency],
        *document.approval.tiers,
        *[code for extra in document.approval.also for code in extra.when.above_minor],
        *[code for demand in document.evidence.values() for code in demand.above_minor],
        *document.risk.large_above_minor,
        *[code for limit in document.velocity for code in limit.most_minor],
        *(document.tenure.auto_up_to_minor if document.tenure else ()),
        *(document.business_hours.auto_up_to_minor if document.business_hours else ()),
        *document.release_above_minor,
    }
    return [own, *sorted(named - {own})]
