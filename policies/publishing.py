"""Draft a version, have it read by somebody else, put it in force."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.subjects import Subject
from evidence import ledger

from .engine.document import MalformedDocument, parse_document
from .models import Policy, PolicyVersion
from .templates import typed_template
from .vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User

KIND = "policy_version"


@transaction.atomic
def install_template(
    *, slug: str, team: Team, actor: User, at: datetime, enforced_categories: Sequence[str] = ()
) -> PolicyVersion:
    """Give a team the policy of a typed template, as a draft; in shadow unless categories are named.

    :raises Refused: for an unknown template, or a team that goes by another policy already
    """
    template = typed_template(slug)
    if template is None:
        raise Refused("refused", f"There is no template “{slug}”.", "slug")
    policy, is_new = Policy.objects.get_or_create(
        team=team,
        defaults={
            "slug": slug if not Policy.objects.filter(slug=slug).exists() else slugify(f"{slug}-{team.slug}"),
            "title": template.title,
            "enforced_categories": list(enforced_categories),
        },
    )
    if not is_new:
        raise Refused("refused", f"{team} goes by “{policy}” already; draft a new version of that.", "team")
    return draft_version(
        policy=policy,
        document=template.document,
        what=f"Installed from the template {slug}.",
        why="A team without a policy can give no money back.",
        impact=f"Every request of {team} is judged by it once it is published.",
        actor=actor,
        at=at,
    )


@transaction.atomic
def draft_version(
    *,
    policy: Policy,
    document: Mapping[str, object],
    actor: User,
    at: datetime,
    what: str = "",
    why: str = "",
    impact: str = "",
) -> PolicyVersion:
    """Write the next version down as a draft.

    :raises Refused: naming every field of a malformed document
    """
    check_document(document)
    last = policy.versions.aggregate(last=Max("number"))["last"] or 0
    version = PolicyVersion.objects.create(
        policy=policy,
        number=last + 1,
        document=document,
        what=what,
        why=why,
        impact=impact,
        author=actor,
        created_at=at,
    )
    record(version, "drafted", actor, at, f"drafted version {version.number} of {policy.slug}.")
    return version


def check_document(document: Mapping[str, object]) -> None:
    """Refuse a malformed document with every field named.

    :raises Refused: with one reason for each field
    """
    try:
        parse_document(dict(document))
    except MalformedDocument as error:
        raise Refused.of(Reason("invalid", sentence, f"document.{path}") for path, sentence in error.errors) from None


@transaction.atomic(durable=True)
def send_to_review(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Ask a second person to read a draft.

    :raises Refused: until it says what changes, why, and whom it affects
    :raises OutOfDate: when it is no draft any more
    """
    version = locked(version_id)
    check_may(actor, "policies.change_policyversion", version, VersionState.DRAFT)
    check_document(version.document)
    _check_is_explained(version)
    version.send_to_review(actor=actor, at=at)
    version.save()
    record(version, "in_review", actor, at, f"sent version {version.number} of {version.policy.slug} to review.")
    return version


@transaction.atomic(durable=True)
def send_back(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Make a version that waits for review a draft again, so that it can be corrected.

    :raises OutOfDate: when it does not wait for review any more
    """
    version = locked(version_id)
    check_may(actor, "policies.change_policyversion", version, VersionState.IN_REVIEW)
    version.send_back(actor=actor, at=at)
    version.save()
    record(version, "sent_back", actor, at, f"made version {version.number} of {version.policy.slug} a draft again.")
    return version


@transaction.atomic(durable=True)
def publish_version(*, version_id: UUID, actor: User, at: datetime, seen: str | None = None) -> PolicyVersion:
    """Put a reviewed version in force and retire the one before it; requests in flight keep theirs.

    `seen` is the `edition_of` the version that the publisher read; without it, whatever waits is published.

    :raises NotPermitted: `self_approval` for whoever wrote any of it
    :raises OutOfDate: when it does not wait for review any more, or says something else than what was read
    """
    version = locked(version_id)
    check_did_not_write(actor, version)
    check_may(actor, "policies.publish_policyversion", version, VersionState.IN_REVIEW)
    if seen is not None and edition_of(version) != seen:
        raise OutOfDate("out_of_date", f"{version} was changed after you opened it. Read it again.")
    previous = version.policy.versions.select_for_update().filter(state=VersionState.PUBLISHED).first()
    if previous is not None:
        previous.retire(actor=actor, at=at)
        previous.save()
        record(previous, "retired", actor, at, f"retired version {previous.number} of {version.policy.slug}.")
    version.publish(actor=actor, at=at)
    version.save()
    record(version, "published", actor, at, f"published version {version.number} of {version.policy.slug}.")
    return version


def edition_of(version: PolicyVersion) -> str:
    """Fingerprint everything a version says, so that a save and a signature can tell what was on the screen."""
    said = [version.document, version.what, version.why, version.impact]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def check_did_not_write(actor: User, version: PolicyVersion) -> None:
    """Refuse a version to everybody who wrote any of it: whoever saved last would sign her own work.

    :raises NotPermitted: `self_approval`
    """
    if actor.pk == version.author_id:
        raise NotPermitted("self_approval", "You wrote this version. Somebody else must publish it.")
    if ledger.timeline_of(Subject(KIND, version.pk)).filter(kind="policy.changed", actor=actor).exists():
        raise NotPermitted("self_approval", "You changed this version. Somebody else must publish it.")


def check_may(actor: User, permission: str, version: PolicyVersion, needed: VersionState) -> None:
    """Ask for the right before the state.

    :raises NotPermitted: without the right
    :raises OutOfDate: in any other state
    """
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", f"This needs the right “{permission}”.")
    if version.state != needed:
        raise OutOfDate("out_of_date", f"{version} is {VersionState(version.state).label.lower()} by now.")


def locked(version_id: UUID) -> PolicyVersion:
    """Load a version under its row lock, until the transaction ends."""
    return PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version_id)


def record(version: PolicyVersion, word: str, actor: User, at: datetime, sentence: str) -> None:
    """Write `policy.<word>` into the ledger of a version."""
    ledger.record(
        subject=Subject(KIND, version.pk),
        kind=f"policy.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"policy": version.policy.slug, "version": version.number},
    )


def _check_is_explained(version: PolicyVersion) -> None:
    texts = {"what": "what changes", "why": "why it changes", "impact": "whom it affects and how"}
    missing = [
        Reason("refused", f"Say {words} before you send it to review.", field)
        for field, words in texts.items()
        if not getattr(version, field).strip()
    ]
    if missing:
        raise Refused.of(missing)
