"""The verbs of a version: each has a page that explains it, and moves only when that page is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.asking_again import ask_again
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE
from config.kernel.wording import joined, said
from policies import drafting, editions, publishing, scheduling
from policies.evidence_gates import missing_before
from policies.forms import PublicationForm
from policies.vocabulary import VersionState

from .pages import VersionPages, check_right
from .workbench import difference_from_force

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from policies.models import PolicyVersion


class VersionVerbs(VersionPages):
    """New draft, review, back, shadow, publish, recall."""

    @answers_refusals
    def new_draft_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Begin the next version with the rules of this one."""
        version = self.asked_for(request, version_id)
        check_right(request, "policies.add_policyversion")
        if request.method == "POST":
            draft = drafting.draft_from(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(
                request,
                draft,
                said(
                    "{draft} begins with the rules of {version}. Nothing changes until it is published.",
                    draft=draft,
                    version=version,
                ),
            )
        sentence = said(
            "A new draft begins with the rules of {version}. What is in force stays in force.", version=version
        )
        return self.confirm(request, version, verb=said("Begin a new draft"), sentence=sentence)

    @answers_refusals
    def review_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Ask a second person to read a draft."""
        version = self.asked_for(request, version_id)
        editions.check_may(person_of(request), publishing.WRITE, version, VersionState.DRAFT)
        if request.method == "POST":
            publishing.send_to_review(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(
                request,
                version,
                said("{version} waits for a second person, who reads and publishes it.", version=version),
            )
        sentence = said("It cannot be edited while it waits. Somebody who wrote none of it reads and publishes it.")
        return self.confirm(
            request, version, verb=said("Send to review"), sentence=sentence, **difference_from_force(version)
        )

    @answers_refusals
    def send_back_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Make a version that waits or runs in shadow a draft again."""
        version = self.asked_for(request, version_id)
        editions.check_may(person_of(request), publishing.WRITE, version, VersionState.IN_REVIEW, VersionState.SHADOW)
        if request.method == "POST":
            publishing.send_back(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(request, version, said("{version} is a draft again.", version=version))
        sentence = said("It can be edited, and has to be sent to review again.")
        if version.state == VersionState.SHADOW:
            sentence = joined([sentence, said("Its shadow ends; what it said so far is kept.")])
        return self.confirm(request, version, verb=said("Make it a draft again"), sentence=sentence)

    @answers_refusals
    def shadow_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Let a version watch beside the one in force."""
        version, person = self.asked_for(request, version_id), person_of(request)
        editions.check_did_not_write(person, version, editions.READ_IT)
        editions.check_may(person, publishing.PUBLISH, version, VersionState.IN_REVIEW)
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            publishing.start_shadow(version_id=version.pk, actor=person, at=timezone.now(), seen=seen)
            return self.done(
                request, version, said("{version} is in shadow. What is in force goes on deciding.", version=version)
            )
        sentence = said(
            "It says of every new case what it would have said, and nobody is affected: the version in force decides. "
            "Publish it when it has shown what it does."
        )
        return self.confirm(
            request, version, verb=said("Start shadow"), sentence=sentence, **difference_from_force(version)
        )

    @answers_refusals
    def publish_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Put a version in force, now or later; whoever wrote any of it does not even see the button."""
        version, person = self.asked_for(request, version_id), person_of(request)
        editions.check_did_not_write(person, version)
        editions.check_may(person, publishing.PUBLISH, version, VersionState.IN_REVIEW, VersionState.SHADOW)
        if request.method != "POST":
            return self._publish_form(request, version, PublicationForm(version.policy.team))
        form = PublicationForm(version.policy.team, request.POST)
        if not form.is_valid():
            return self._publish_form(request, version, form, status=UNPROCESSABLE)
        asked = ask_again(request)
        if asked is not None:
            return asked
        seen, moment = request.POST.get("seen", ""), form.cleaned_data["publish_at"]
        try:
            publishing.publish_version(
                version_id=version.pk, actor=person, at=timezone.now(), seen=seen, publish_at=moment
            )
        except Refused as refusal:
            form.add_refusal(refusal)
            return self._publish_form(request, version, form, status=UNPROCESSABLE)
        if moment is None:
            return self.done(
                request, version, said("{version} is in force. Requests in flight keep their version.", version=version)
            )
        sentence = said(
            "{version} comes into force on {moment}.", version=version, moment=scheduling.moment_of(version, moment)
        )
        return self.done(request, version, sentence)

    @answers_refusals
    def recall_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Call a scheduled version back."""
        version = self.asked_for(request, version_id)
        editions.check_may(person_of(request), publishing.WRITE, version, VersionState.SCHEDULED)
        if request.method == "POST":
            scheduling.recall_version(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(
                request, version, said("{version} is a draft again. What is in force stays in force.", version=version)
            )
        sentence = said(
            "It does not come into force. It is a draft again, without a signature, and has to be read anew."
        )
        return self.confirm(request, version, verb=said("Call it back"), sentence=sentence)

    def confirm(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        *,
        verb: str,
        sentence: str,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """Explain a verb and ask for it to be sent."""
        more = {
            "title": f"{verb}: {version}",
            "verb": verb,
            "sentence": sentence,
            "seen": editions.edition_of(version),
        }
        return self.page(request, version, "confirm.html", {**more, **context}, status=status)

    def _publish_form(
        self, request: HttpRequest, version: PolicyVersion, form: PublicationForm, *, status: int = 200
    ) -> HttpResponse:
        sentence = said("It judges every new request from that moment. The version before it is retired.")
        return self.confirm(
            request,
            version,
            verb=said("Publish"),
            sentence=sentence,
            warning=warning_of_schedule(version),
            missing=missing_before(version),
            form=form,
            status=status,
            **difference_from_force(version),
        )


def warning_of_schedule(version: PolicyVersion) -> str:
    """Say that another version is scheduled and will undo what this one changes."""
    waiting = version.policy.versions.filter(state=VersionState.SCHEDULED).first()
    if waiting is None or waiting.publish_at is None:
        return ""
    waiting.policy = version.policy
    return said(
        "{waiting} is scheduled for {moment} and takes over from this one then, with the rules it has now.",
        waiting=waiting,
        moment=scheduling.moment_of(waiting, waiting.publish_at),
    )
