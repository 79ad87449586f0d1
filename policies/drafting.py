"""Change what is not in force yet: open a policy, begin a draft, save it; saving never publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from evidence import ledger

from .models import Policy, PolicyVersion
from .publishing import KIND, check_document, check_may, draft_version, edition_of, locked, record
from .templates import typed_template
from .vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User


@transaction.atomic
def open_policy(*, team: Team, title: str, slug: str, template: str, actor: User, at: datetime) -> PolicyVersion:
    """Give a team its policy, in shadow for every category, with a typed template as its first draft.

    :raises NotPermitted: without the right
    :raises Refused: for an unknown template, or a team that has a policy
    """
    if not actor.has_perm("policies.add_policy"):
        raise NotPermitted("not_permitted", "This needs the right “policies.add_policy”.")
    start = typed_template(template)
    if start is None:
        raise Refused("refused", f"There is no template “{template}”.", "template")
    if Policy.objects.filter(team=team).exists():
        raise Refused("refused", f"{team} has a policy already; draft a new version of that.", "team")
    policy = Policy.objects.create(team=team, title=title, slug=slug)
    return draft_version(policy=policy, document=start.document, actor=actor, at=at)


@transaction.atomic
def rename_policy(*, policy_id: int, title: str, actor: User, at: datetime) -> Policy:
    """Give a policy another title.

    :raises NotPermitted: without the right
    """
    if not actor.has_perm("policies.change_policy"):
        raise NotPermitted("not_permitted", "This needs the right “policies.change_policy”.")
    policy = Policy.objects.select_for_update().get(pk=policy_id)
    if policy.title == title:
        return policy
    before, policy.title = policy.title, title
    policy.save(update_fields=["title"])
    ledger.record(
        subject=Subject("policy", uuid5(NAMESPACE_OID, f"policy:{policy.pk}")),
        kind="policy.renamed",
        actor=actor,
        at=at,
        sentence=f"renamed the policy {policy.slug} from “{before}” to “{title}”.",
        data={"policy": policy.slug, "before": before, "after": title},
    )
    return policy


@transaction.atomic(durable=True)
def draft_from(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Begin the next version with the document of this one.

    :raises NotPermitted: without the right
    """
    if not actor.has_perm("policies.add_policyversion"):
        raise NotPermitted("not_permitted", "This needs the right “policies.add_policyversion”.")
    source = PolicyVersion.objects.get(pk=version_id)
    # Two people who begin at once would count to the same number.
    policy = Policy.objects.select_for_update().get(pk=source.policy_id)
    return draft_version(policy=policy, document=source.document, actor=actor, at=at)


@transaction.atomic(durable=True)
def change_draft(
    *,
    version_id: UUID,
    document: Mapping[str, object],
    what: str,
    why: str,
    impact: str,
    seen: str,
    actor: User,
    at: datetime,
) -> PolicyVersion:
    """Save a draft. `seen` is the `edition_of` the draft that the change was made on.

    :raises Refused: naming every field of a malformed document
    :raises OutOfDate: when somebody saved it meanwhile, or it is no draft any more
    """
    version = locked(version_id)
    check_may(actor, "policies.change_policyversion", version, VersionState.DRAFT)
    if edition_of(version) != seen:
        last = ledger.timeline_of(Subject(KIND, version.pk)).last()
        who = last.actor_name if last is not None else "Somebody"
        raise OutOfDate(
            "out_of_date", f"{who} saved this draft after you opened it. Your change was not saved, theirs stays."
        )
    check_document(document)
    version.document = dict(document)
    version.what, version.why, version.impact = what, why, impact
    if edition_of(version) == seen:
        return version
    version.save(update_fields=["document", "what", "why", "impact"])
    record(version, "changed", actor, at, f"changed the draft of version {version.number} of {version.policy.slug}.")
    return version
