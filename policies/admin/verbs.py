"""The verbs of a version: each has a page that explains it, and moves only when that page is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.kernel.admin_pages import answers_refusals, person_of
from policies import drafting, publishing
from policies.vocabulary import VersionState

from .pages import VersionPages, check_right, difference_from_force

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from policies.models import PolicyVersion


class VersionVerbs(VersionPages):
    """New draft, review, back, publish."""

    @answers_refusals
    def new_draft_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Begin the next version with the rules of this one."""
        version = self.asked_for(request, version_id)
        check_right(request, "policies.add_policyversion")
        if request.method == "POST":
            draft = drafting.draft_from(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(
                request, draft, f"{draft} begins with the rules of {version}. Nothing changes until it is published."
            )
        sentence = f"A new draft begins with the rules of {version}. What is in force stays in force."
        return self._confirm(request, version, verb="Begin a new draft", sentence=sentence)

    @answers_refusals
    def review_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Ask a second person to read a draft."""
        version = self.asked_for(request, version_id)
        publishing.check_may(person_of(request), "policies.change_policyversion", version, VersionState.DRAFT)
        if request.method == "POST":
            publishing.send_to_review(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(request, version, f"{version} waits for a second person, who reads and publishes it.")
        sentence = "It cannot be edited while it waits. Somebody who wrote none of it reads and publishes it."
        return self._confirm(
            request, version, verb="Send to review", sentence=sentence, **difference_from_force(version)
        )

    @answers_refusals
    def send_back_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Make a version that waits a draft again."""
        version = self.asked_for(request, version_id)
        publishing.check_may(person_of(request), "policies.change_policyversion", version, VersionState.IN_REVIEW)
        if request.method == "POST":
            publishing.send_back(version_id=version.pk, actor=person_of(request), at=timezone.now())
            return self.done(request, version, f"{version} is a draft again.")
        return self._confirm(
            request,
            version,
            verb="Make it a draft again",
            sentence="It can be edited, and has to be sent to review again.",
        )

    @answers_refusals
    def publish_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Put a version in force; whoever wrote any of it does not even see the button."""
        version, person = self.asked_for(request, version_id), person_of(request)
        publishing.check_did_not_write(person, version)
        publishing.check_may(person, "policies.publish_policyversion", version, VersionState.IN_REVIEW)
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            publishing.publish_version(version_id=version.pk, actor=person, at=timezone.now(), seen=seen)
            return self.done(request, version, f"{version} is in force. Requests in flight keep their version.")
        sentence = "It judges every new request from this moment. The version before it is retired."
        return self._confirm(request, version, verb="Publish", sentence=sentence, **difference_from_force(version))

    def _confirm(
        self, request: HttpRequest, version: PolicyVersion, *, verb: str, sentence: str, **context: Any
    ) -> HttpResponse:
        more = {
            "title": f"{verb}: {version}",
            "verb": verb,
            "sentence": sentence,
            "seen": publishing.edition_of(version),
        }
        return self.page(request, version, "confirm.html", {**more, **context})
