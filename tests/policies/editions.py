"""Versions of a policy in every place of their life, led there by the real verbs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from policies import drafting, editions, emergencies, publishing
from policies.models import PolicyVersion
from tests.admin.desk import EXPLAINED
from tests.harness.world import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from tests.harness.world import World


def draft(
    world: World, author: User, *, pounds: int = 60, team: str = "uk-retail", texts: dict[str, str] = EXPLAINED
) -> PolicyVersion:
    """Write a draft with another automatic limit, explained."""
    in_force = world.policy(team)
    return publishing.draft_version(
        policy=in_force.policy,
        document=with_limit(in_force.document, pounds),
        actor=author,
        at=NOON,
        **texts,
    )


def waiting(world: World, author: User, *, pounds: int = 60) -> PolicyVersion:
    """Have one wait for its reader."""
    version = draft(world, author, pounds=pounds)
    return publishing.send_to_review(version_id=version.pk, actor=author, at=NOON)


def scheduled(world: World, author: User, signer: User, publish_at: datetime) -> PolicyVersion:
    """Sign one that comes into force later."""
    version = waiting(world, author)
    return publishing.publish_version(version_id=version.pk, actor=signer, at=NOON, publish_at=publish_at)


def emergency(world: World, author: User, second: User, *, pounds: int = 60, **texts: Any) -> PolicyVersion:
    """Draft an emergency change that names who puts it in force."""
    version = draft(world, author, pounds=pounds)
    return changed(version, author, change_category="emergency", second_person=second, **texts)


def unread(world: World, author: User, second: User) -> PolicyVersion:
    """Put an emergency change in force."""
    version = emergency(world, author, second)
    return emergencies.publish_emergency(version_id=version.pk, actor=second, at=NOON)


def changed(version: PolicyVersion, actor: User, *, pounds: int | None = None, **said: Any) -> PolicyVersion:
    """Save a draft with something else in it."""
    version = stored(version)
    document = version.document if pounds is None else with_limit(version.document, pounds)
    names = [*editions.TEXTS, "change_category", "second_person"]
    explanation = drafting.Explanation(**{**{name: getattr(version, name) for name in names}, **said})
    return drafting.change_draft(
        version_id=version.pk,
        document=document,
        explanation=explanation,
        seen=editions.edition_of(version),
        actor=actor,
        at=NOON,
    )


def with_limit(document: dict[str, Any], pounds: int) -> dict[str, Any]:
    """Write a document with another automatic limit, in pounds or whatever it counts first."""
    written: dict[str, Any] = json.loads(json.dumps(document))
    (bands, *_) = written["thresholds"]["default"].values()
    bands["auto_up_to_minor"] = pounds * 100
    return written


def stored(version: PolicyVersion) -> PolicyVersion:
    """Read a version anew."""
    return PolicyVersion.objects.select_related("policy__team", "second_person").get(pk=version.pk)


def told(version: PolicyVersion) -> list[tuple[str, str]]:
    """List what the ledger says of a version, as kind and who."""
    return [(entry.kind, entry.actor_name) for entry in timeline_of(Subject(editions.KIND, version.pk))]


def standing(version: PolicyVersion) -> dict[str, Any]:
    """Everything a refusal must leave as it was: the row and its ledger."""
    row = PolicyVersion.objects.filter(pk=version.pk).values().get()
    return {**row, "told": told(version)}
