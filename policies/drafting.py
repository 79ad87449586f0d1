"""Change what is not in force yet: open a policy, begin a draft, save it; saving never publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

from .editions import KIND, TEXTS, check_document, check_may, edition_of, locked, record
from .emergencies import check_second_person
from .models import Policy, PolicyVersion
from .publishing import draft_version
from .templates import typed_template
from .vocabulary import ChangeCategory, VersionState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a draft says of itself beside its rules; an emergency change names who puts it in force."""

    what: str = ""
    why: str = ""
    impact: str = ""
    risk_rationale: str = ""
    change_category: str = ChangeCategory.NORMAL
    second_person: User | None = None


@transaction.atomic
def open_policy(*, team: Team, title: str, slug: str, template: str, actor: User, at: datetime) -> PolicyVersion:
    """Give a team its policy, in shadow for every category, with a typed template as its first draft.

    :raises NotPermitted: without the right
    :raises Refused: for an unknown template, or a team that has a policy
    """
    if not actor.has_perm("policies.add_policy"):
        raise NotPermitted("not_permitted", said("This needs the right “policies.add_policy”."))
    start = typed_template(template)
    if start is None:
        raise Refused("refused", said("There is no template “{template}”.", template=template), "template")
    if Policy.objects.filter(team=team).exists():
        raise Refused("refused", said("{team} has a policy already; draft a new version of that.", team=team), "team")
    policy = Policy.objects.create(team=team, title=title, slug=slug)
    return draft_version(policy=policy, document=start.document, actor=actor, at=at)


@transaction.atomic
def rename_policy(*, policy_id: int, title: str, actor: User, at: datetime) -> Policy:
    """Give a policy another title.

    :raises NotPermitted: without the right
    """
    if not actor.has_perm("policies.change_policy"):
        raise NotPermitted("not_permitted", said("This needs the right “policies.change_policy”."))
    policy = Policy.objects.select_for_update().get(pk=policy_id)
    if policy.title == title:
        return policy
    before, policy.title = policy.title, title
    policy.save(update_fields=["title"])
    ledger.record(
        subject=subject_of(policy),
        kind="policy.renamed",
        actor=actor,
        at=at,
        sentence=f"renamed the policy {policy.slug} from “{before}” to “{title}”.",
        data={"policy": policy.slug, "before": before, "after": title},
    )
    return policy


def subject_of(policy: Policy) -> Subject:
    """Name the policy itself in the ledger; its versions are subjects of their own."""
    return Subject("policy", uuid5(NAMESPACE_OID, f"policy:{policy.pk}"))


@transaction.atomic(durable=True)
def draft_from(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Begin the next version with the document of this one.

    Whoever wrote a document that was never in force is a writer of its copy too, or she could sign her own rules there.

    :raises NotPermitted: without the right
    """
    if not actor.has_perm("policies.add_policyversion"):
        raise NotPermitted("not_permitted", said("This needs the right “policies.add_policyversion”."))
    source = PolicyVersion.objects.get(pk=version_id)
    # Two people who begin at once would count to the same number.
    policy = Policy.objects.select_for_update().get(pk=source.policy_id)
    version = draft_version(policy=policy, document=source.document, actor=actor, at=at)
    if source.state not in {VersionState.PUBLISHED, VersionState.RETIRED}:
        version.writer_ids = [actor.pk, *[pk for pk in source.writer_ids if pk != actor.pk]]
        version.save(update_fields=["writer_ids"])
    return version


@transaction.atomic(durable=True)
def change_draft(
    *,
    version_id: UUID,
    document: Mapping[str, object],
    explanation: Explanation,
    seen: str,
    actor: User,
    at: datetime,
) -> PolicyVersion:
    """Save a draft; whoever saves is a writer of it from then on.

    `seen` is the `edition_of` the draft that the change was made on. A normal change names no second person.

    :raises Refused: naming every field of a malformed document, and a second person who could not sign
    :raises OutOfDate: when somebody saved it meanwhile, or it is no draft any more
    """
    version = locked(version_id)
    check_may(actor, "policies.change_policyversion", version, VersionState.DRAFT)
    if edition_of(version) != seen:
        last = ledger.timeline_of(Subject(KIND, version.pk)).last()
        who = last.actor_name if last is not None else said("Somebody")
        raise OutOfDate(
            "out_of_date",
            said("{who} saved this draft after you opened it. Your change was not saved, theirs stays.", who=who),
        )
    check_document(document)
    for name in TEXTS:
        text = getattr(explanation, name)
        refuse_card_number(text, field=name)
        setattr(version, name, text)
    version.document = dict(document)
    version.change_category = ChangeCategory(explanation.change_category)
    version.second_person = explanation.second_person if version.is_emergency else None
    if edition_of(version) == seen:
        return version
    if actor.pk not in version.writer_ids:
        version.writer_ids = [*version.writer_ids, actor.pk]
    if version.is_emergency:
        check_second_person(version.second_person, version)
    version.save(update_fields=["document", *TEXTS, "change_category", "second_person", "writer_ids"])
    record(version, "changed", actor, at, f"changed the draft of version {version.number} of {version.policy.slug}.")
    return version
