"""Draft a version, have it read by somebody else, put it in force."""

from __future__ import annotations

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
        policy=policy, document=template.document, what=f"Installed from the template {slug}.", actor=actor, at=at
    )


@transaction.atomic
def draft_version(
    *, policy: Policy, document: Mapping[str, object], what: str, actor: User, at: datetime
) -> PolicyVersion:
    """Write the next version down as a draft.

    :raises Refused: naming every field of a malformed document
    """
    check_document(document)
    last = policy.versions.aggregate(last=Max("number"))["last"] or 0
    version = PolicyVersion.objects.create(
        policy=policy, number=last + 1, document=document, what=what, author=actor, created_at=at
    )
    _record(version, "drafted", actor, at, f"drafted version {version.number} of {policy.slug}.")
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

    :raises OutOfDate: when it is no draft any more
    """
    version = _locked(version_id)
    _check_may(actor, "policies.change_policyversion", version, VersionState.DRAFT)
    check_document(version.document)
    version.send_to_review(actor=actor, at=at)
    version.save()
    _record(version, "in_review", actor, at, f"sent version {version.number} of {version.policy.slug} to review.")
    return version


@transaction.atomic(durable=True)
def publish_version(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Put a reviewed version in force and retire the one before it; requests in flight keep theirs.

    :raises NotPermitted: `self_approval` for the author, whoever she is
    :raises OutOfDate: when it does not wait for review any more
    """
    version = _locked(version_id)
    if actor.pk == version.author_id:
        raise NotPermitted("self_approval", "You wrote this version. Somebody else must publish it.")
    _check_may(actor, "policies.publish_policyversion", version, VersionState.IN_REVIEW)
    previous = version.policy.versions.select_for_update().filter(state=VersionState.PUBLISHED).first()
    if previous is not None:
        previous.retire(actor=actor, at=at)
        previous.save()
        _record(previous, "retired", actor, at, f"retired version {previous.number} of {version.policy.slug}.")
    version.publish(actor=actor, at=at)
    version.save()
    _record(version, "published", actor, at, f"published version {version.number} of {version.policy.slug}.")
    return version


def _locked(version_id: UUID) -> PolicyVersion:
    return PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version_id)


def _check_may(actor: User, permission: str, version: PolicyVersion, needed: VersionState) -> None:
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", f"This needs the right “{permission}”.")
    if version.state != needed:
        raise OutOfDate("out_of_date", f"{version} is {VersionState(version.state).label.lower()} by now.")


def _record(version: PolicyVersion, word: str, actor: User, at: datetime, sentence: str) -> None:
    ledger.record(
        subject=Subject(KIND, version.pk),
        kind=f"policy.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"policy": version.policy.slug, "version": version.number},
    )
