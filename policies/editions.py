"""What every command about a version asks and writes down: the locks, the rights, what it says, the ledger."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import inside, said, said_as
from evidence import ledger

from .engine.document import MalformedDocument, parse_document
from .models import Policy, PolicyVersion
from .vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Actor, User

KIND = "policy_version"

PUBLISH_IT = said_as("infinitive", "publish")
READ_IT = said_as("infinitive", "read")
REVIEW_IT = said_as("infinitive", "review")

TEXTS = {
    "what": said("what changes"),
    "why": said("why it changes"),
    "impact": said("whom it affects and how"),
    "risk_rationale": said("what could go wrong and why it is worth it"),
}
"""What a change has to say of itself before anybody else is asked to sign it."""


def locked(version_id: UUID) -> PolicyVersion:
    """Load a version with its policy, both under their row locks until the transaction ends.

    The policy comes first, so that everything that happens to its versions happens one after the other. The locks
    leave room for rows that only point at them: a verdict is written while its version is being retired.
    """
    policy_id = PolicyVersion.objects.values_list("policy_id", flat=True).get(pk=version_id)
    policy = locked_policy(policy_id)
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=version_id)
    version.policy = policy
    return version


def locked_policy(policy_id: int) -> Policy:
    """Load a policy with its team under its row lock."""
    return Policy.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=policy_id)


def check_may(actor: User, permission: str, version: PolicyVersion, *needed: VersionState) -> None:
    """Ask for the right before the state.

    :raises NotPermitted: without the right
    :raises OutOfDate: in any other state
    """
    check_right(actor, permission)
    if version.state not in needed:
        raise OutOfDate(
            "out_of_date",
            said("{version} is {stands} by now.", version=version, stands=inside(VersionState(version.state).label)),
        )


def check_right(actor: User, permission: str) -> None:
    """Ask for a right; a service account has none over policies, whatever its roles.

    :raises NotPermitted: naming the right
    """
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("Policies are written, read and signed by people."))


def check_did_not_write(actor: User, version: PolicyVersion, verb: str = PUBLISH_IT) -> None:
    """Refuse a version to everybody who wrote any of it: whoever saved last would sign her own work.

    :raises NotPermitted: `self_approval`
    """
    if actor.pk == version.author_id:
        raise NotPermitted("self_approval", said("You wrote this version. Somebody else must {verb} it.", verb=verb))
    if actor.pk in version.writer_ids:
        raise NotPermitted("self_approval", said("You changed this version. Somebody else must {verb} it.", verb=verb))


def check_says(version: PolicyVersion, seen: str | None) -> None:
    """Refuse to sign something else than what was read.

    :raises OutOfDate: when `seen` is another edition than this
    """
    if seen is not None and edition_of(version) != seen:
        raise OutOfDate(
            "out_of_date", said("{version} was changed after you opened it. Read it again.", version=version)
        )


def check_is_explained(version: PolicyVersion, then: str) -> None:
    """Refuse a change that does not say what it is; `then` completes the sentence.

    :raises Refused: naming each text that is missing
    """
    missing = [
        Reason("refused", said("Say {what} before {then}.", what=words, then=then), field)
        for field, words in TEXTS.items()
        if not getattr(version, field).strip()
    ]
    if missing:
        raise Refused.of(missing)


def check_document(document: Mapping[str, object]) -> None:
    """Refuse a malformed document with every field named.

    :raises Refused: with one reason for each field
    """
    try:
        parse_document(dict(document))
    except MalformedDocument as error:
        raise Refused.of(Reason("invalid", sentence, f"document.{path}") for path, sentence in error.errors) from None


def edition_of(version: PolicyVersion) -> str:
    """Fingerprint everything a version says, so that a save and a signature can tell what was on the screen."""
    words = [
        version.document,
        *[getattr(version, name) for name in TEXTS],
        version.change_category,
        version.second_person_id,
    ]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def record(
    version: PolicyVersion,
    word: str,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write `policy.<word>` into the ledger of a version."""
    ledger.record(
        subject=Subject(KIND, version.pk),
        kind=f"policy.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"policy": version.policy.slug, "version": version.number, **(data or {})},
    )
