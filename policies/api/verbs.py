"""What may be said to an edition. Each verb is one command; each answers the edition as it is afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from config.kernel.asking_again import check_shown_again
from config.kernel.bodies import ExactSerializer, MomentField, NoBody, WordField
from config.kernel.rest import ApiView
from policies import editions, emergencies, publishing

from .views import VersionAnswer, version_seen_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from rest_framework.request import Request

    from config.kernel.people import User
    from policies.models import PolicyVersion

LONGEST_NOTE = 4_000


class SignatureBody(ExactSerializer):
    """Which edition was read; without it, whatever waits is signed."""

    edition = WordField(required=False, allow_null=True, default=None, max_length=64)


class PublishBody(SignatureBody):
    """Now, or at a moment that is to come."""

    publish_at = MomentField(required=False, allow_null=True, default=None)


class ReviewBody(ExactSerializer):
    """What the reader found."""

    note = WordField(max_length=LONGEST_NOTE)


class VersionVerb(ApiView):
    """One verb: who may not speak it hears 403 or 404 whatever the body and the state, then come body and state."""

    body: ClassVar[type[ExactSerializer]] = NoBody

    def check_before(self, version: PolicyVersion, at: datetime) -> None:
        """Ask what is to be asked before the body is read; nothing, of most verbs."""

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Call the command."""
        raise NotImplementedError

    def post(self, request: Request, slug: str, number: int) -> Response:  # noqa: ARG002
        """Speak the verb and answer the edition as it is then."""
        version, at = version_seen_by(self.caller, slug, number), timezone.now()
        self.check_before(version, at)
        self.speak(version.pk, self.read(self.body), self.caller, at)
        return Response(VersionAnswer(version_seen_by(self.caller, slug, number)).data)


def _spoken(
    verb: str, summary: str, permission: str, body: type[ExactSerializer]
) -> Callable[[type[VersionVerb]], type[VersionVerb]]:
    def decorate(view: type[VersionVerb]) -> type[VersionVerb]:
        view.body, view.asks = body, {"POST": permission}
        said = extend_schema(
            operation_id=f"{verb}_policy_version",
            summary=summary,
            tags=["Policies"],
            request=None if body is NoBody else body,
            responses=VersionAnswer,
        )
        return extend_schema_view(post=said)(view)

    return decorate


@_spoken("submit", "Send a draft to review", publishing.WRITE, NoBody)
class Submit(VersionVerb):
    """Ask a second person to read it."""

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:  # noqa: ARG002
        """Send it."""
        publishing.send_to_review(version_id=version_id, actor=actor, at=at)


@_spoken("start_shadow_of", "Let an edition watch beside the one in force", publishing.PUBLISH, SignatureBody)
class StartShadow(VersionVerb):
    """Let it say what it would have said."""

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Start it."""
        publishing.start_shadow(version_id=version_id, actor=actor, at=at, seen=words["edition"])


@_spoken("publish", "Put an edition in force that somebody else wrote, now or later", publishing.PUBLISH, PublishBody)
class Publish(VersionVerb):
    """Sign for it, by a token that stands for a fresh sign-in."""

    def check_before(self, version: PolicyVersion, at: datetime) -> None:
        """Ask who she is, of whoever may publish it."""
        editions.check_did_not_write(self.caller, version)
        editions.check_right(self.caller, publishing.PUBLISH)
        check_shown_again(self.request, at=at)

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Publish or schedule."""
        seen, publish_at = words["edition"], words["publish_at"]
        publishing.publish_version(version_id=version_id, actor=actor, at=at, seen=seen, publish_at=publish_at)


@_spoken("retire", "End a shadow or a schedule; what is in force only gives way to another", publishing.PUBLISH, NoBody)
class Retire(VersionVerb):
    """Take it out before it is in force."""

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:  # noqa: ARG002
        """Make it a draft again, or refuse."""
        publishing.retire_version(version_id=version_id, actor=actor, at=at)


@_spoken("review", "Read an emergency change as the third person", emergencies.REVIEW, ReviewBody)
class Review(VersionVerb):
    """Say what was found."""

    def speak(self, version_id: UUID, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Keep the review."""
        emergencies.review_emergency(version_id=version_id, actor=actor, note=words["note"], at=at)
