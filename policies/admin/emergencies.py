"""The two pages of an emergency change: in force at once, read afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.asking_again import ask_again
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE
from config.kernel.wording import said
from policies import emergencies
from policies.evidence_gates import missing_before
from policies.forms import EmergencyReviewForm

from .verbs import VersionVerbs, warning_of_schedule
from .workbench import difference_from_force

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from policies.models import PolicyVersion


class EmergencyVerbs(VersionVerbs):
    """Put it in force, read it."""

    @answers_refusals
    def emergency_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Put an emergency change in force, as the second person it names."""
        version, person = self.asked_for(request, version_id), person_of(request)
        emergencies.check_may_publish_at_once(person, version)
        asked = ask_again(request)
        if asked is not None:
            return asked
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            emergencies.publish_emergency(version_id=version.pk, actor=person, at=timezone.now(), seen=seen)
            return self.done(
                request,
                version,
                said("{version} is in force. A third person must review it within 24 hours.", version=version),
            )
        sentence = said(
            "It judges every new request from this moment, unread by anybody but you. A third person must review it "
            "within 24 hours; until then every page says so."
        )
        return self.confirm(
            request,
            version,
            verb=said("Put it in force now"),
            sentence=sentence,
            warning=warning_of_schedule(version),
            missing=missing_before(version),
            **difference_from_force(version),
        )

    @answers_refusals
    def emergency_review_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Read an emergency change and say what was found."""
        version, person = self.asked_for(request, version_id), person_of(request)
        emergencies.check_may_review(person, version)
        if request.method != "POST":
            return self._review_form(request, version, EmergencyReviewForm())
        form = EmergencyReviewForm(request.POST)
        if not form.is_valid():
            return self._review_form(request, version, form, status=UNPROCESSABLE)
        try:
            emergencies.review_emergency(
                version_id=version.pk, actor=person, note=form.cleaned_data["note"], at=timezone.now()
            )
        except Refused as refusal:
            form.add_refusal(refusal)
            return self._review_form(request, version, form, status=UNPROCESSABLE)
        return self.done(request, version, said("Your review of {version} is kept.", version=version))

    def _review_form(
        self, request: HttpRequest, version: PolicyVersion, form: EmergencyReviewForm, *, status: int = 200
    ) -> HttpResponse:
        sentence = said(
            "Your review says that a third person has read it, and what you found. It changes no rule: where one is "
            "wrong, begin a new draft."
        )
        return self.confirm(
            request,
            version,
            verb=said("Review the emergency change"),
            sentence=sentence,
            form=form,
            status=status,
            log=getattr(version, "log", None),
        )
