"""Draft a version, have it read by somebody else, put it in force."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said

from .editions import (
    READ_IT,
    check_did_not_write,
    check_document,
    check_is_explained,
    check_may,
    check_right,
    check_says,
    locked,
    locked_policy,
    record,
)
from .evidence_gates import refuse_without_evidence
from .models import Policy, PolicyVersion
from .scheduling import recalled, schedule
from .succession import check_place_is_free, take_over
from .templates import typed_template
from .vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User

WRITE = "policies.change_policyversion"
PUBLISH = "policies.publish_policyversion"


@transaction.atomic
def install_template(
    *, slug: str, team: Team, actor: User, at: datetime, enforced_categories: Sequence[str] = ()
) -> PolicyVersion:
    """Draft a typed template: as the policy of a team without one, else as the next version of the one it has.

    A new policy is in shadow unless categories are named.

    :raises NotPermitted: without the right to draft, and to open a policy where there is none
    :raises Refused: for an unknown template
    """
    check_right(actor, "policies.add_policyversion")
    template = typed_template(slug)
    if template is None:
        raise Refused("refused", said("There is no template “{policy}”.", policy=slug), "slug")
    if not Policy.objects.filter(team=team).exists():
        check_right(actor, "policies.add_policy")
    opened, is_new = Policy.objects.get_or_create(
        team=team,
        defaults={
            "slug": slug if not Policy.objects.filter(slug=slug).exists() else slugify(f"{slug}-{team.slug}"),
            "title": template.title,
            "enforced_categories": list(enforced_categories),
        },
    )
    why = "A team without a policy can give no money back." if is_new else "To start again from the template's rules."
    return draft_version(
        # Two people who install at once would count to the same number.
        policy=locked_policy(opened.pk),
        document=template.document,
        what=f"Installed from the template {slug}.",
        why=why,
        impact=f"Every request of {team} is judged by it once it is published.",
        risk_rationale="The numbers are the template's and not yet this team's own; shadow shows where they are wrong.",
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
    risk_rationale: str = "",
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
        risk_rationale=risk_rationale,
        author=actor,
        writer_ids=[actor.pk],
        created_at=at,
    )
    record(version, "drafted", actor, at, f"drafted version {version.number} of {policy.slug}.")
    return version


@transaction.atomic(durable=True)
def send_to_review(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Ask a second person to read a draft.

    :raises Refused: until it says what changes, why, whom it affects and what could go wrong; for an emergency change
    :raises OutOfDate: when it is no draft any more
    """
    version = locked(version_id)
    check_may(actor, WRITE, version, VersionState.DRAFT)
    check_document(version.document)
    check_is_explained(version, said("you send it to review"))
    if version.is_emergency:
        raise Refused(
            "refused",
            said(
                "An emergency change is not read first: {person} puts it in force from the draft. "
                "Make it a normal change to have it read.",
                person=version.second_person,
            ),
            "change_category",
        )
    version.send_to_review()
    version.save(update_fields=["state"])
    record(version, "in_review", actor, at, f"sent version {version.number} of {version.policy.slug} to review.")
    return version


@transaction.atomic(durable=True)
def send_back(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Make a version that waits for review or runs in shadow a draft again, so that it can be corrected.

    :raises OutOfDate: when it is neither any more
    """
    version = locked(version_id)
    check_may(actor, WRITE, version, VersionState.IN_REVIEW, VersionState.SHADOW)
    return _sent_back(version, actor, at)


@transaction.atomic(durable=True)
def start_shadow(*, version_id: UUID, actor: User, at: datetime, seen: str | None = None) -> PolicyVersion:
    """Let a version that waits for review say of every new case what it would have said, beside the one in force.

    :raises NotPermitted: `self_approval` for whoever wrote any of it
    :raises OutOfDate: when it does not wait for review any more, or says something else than what was read
    :raises Refused: while another version of the policy is in shadow
    """
    version = locked(version_id)
    check_did_not_write(actor, version, READ_IT)
    check_may(actor, PUBLISH, version, VersionState.IN_REVIEW)
    check_says(version, seen)
    check_place_is_free(version, VersionState.SHADOW)
    version.start_shadow(at=at)
    version.save(update_fields=["state", "shadow_since"])
    record(version, "shadow_started", actor, at, f"put version {version.number} of {version.policy.slug} in shadow.")
    return version


@transaction.atomic(durable=True)
def publish_version(
    *, version_id: UUID, actor: User, at: datetime, seen: str | None = None, publish_at: datetime | None = None
) -> PolicyVersion:
    """Put a version that was read in force and retire the one before it; requests in flight keep theirs.

    With `publish_at` it is signed now and comes into force then. `seen` is the `edition_of` the version that the
    publisher read; without it, whatever waits is published.

    :raises NotPermitted: `self_approval` for whoever wrote any of it
    :raises OutOfDate: when it does not wait to be published any more, or says something else than what was read
    :raises Refused: for a moment that has passed, or while another version is scheduled; `evidence_missing` by the
        evidence map
    """
    version = locked(version_id)
    check_did_not_write(actor, version)
    check_may(actor, PUBLISH, version, VersionState.IN_REVIEW, VersionState.SHADOW)
    check_says(version, seen)
    refuse_without_evidence(version)
    if publish_at is not None:
        return schedule(version=version, publish_at=publish_at, actor=actor, at=at)
    sign = partial(version.publish, signed_by=actor, at=at)
    take_over(version=version, move=sign, actor=actor, at=at, words="published")
    return version


@transaction.atomic(durable=True)
def retire_version(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Take a version that runs in shadow or is scheduled back to its draft. The one in force only gives way to another.

    :raises Refused: for a version in force, because its team would be left without a policy; for one that never left
        its author's desk
    :raises OutOfDate: when it is retired already
    """
    version = locked(version_id)
    check_right(actor, PUBLISH)
    if version.state == VersionState.PUBLISHED:
        raise Refused(
            "refused",
            said(
                "{version} is in force, and without a policy {team} could give no money back. "
                "Publish another version instead; this one retires with it.",
                version=version,
                team=version.policy.team,
            ),
        )
    if version.state == VersionState.RETIRED:
        raise OutOfDate("out_of_date", said("{version} is retired already.", version=version))
    if version.state == VersionState.SCHEDULED:
        return recalled(version=version, actor=actor, at=at)
    if version.state == VersionState.SHADOW:
        return _sent_back(version, actor, at)
    raise Refused("refused", said("{version} was never in force, so there is nothing to retire.", version=version))


def _sent_back(version: PolicyVersion, actor: User, at: datetime) -> PolicyVersion:
    version.send_back()
    version.save(update_fields=["state", "shadow_since"])
    record(version, "sent_back", actor, at, f"made version {version.number} of {version.policy.slug} a draft again.")
    return version
