"""What may be done with a version from here: the words and addresses above every page about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.urls import reverse

from config.kernel.wording import said
from policies.vocabulary import VersionState

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import PolicyVersion


class Tool(NamedTuple):
    """One way on."""

    words: str
    address: str


def tools_for(person: User, version: PolicyVersion) -> list[Tool]:
    """List what this person may do with this version as it stands; each page asks again."""
    state = VersionState(version.state)
    may_write = person.has_perm("policies.change_policyversion")
    wrote_it = person.pk in {version.author_id, *version.writer_ids}
    may_sign = person.has_perm("policies.publish_policyversion") and not wrote_it
    may_read_late = (
        person.has_perm("policies.review_policyversion") and not wrote_it and person.pk != version.published_by_id
    )
    is_draft, is_read = state == VersionState.DRAFT, state in {VersionState.IN_REVIEW, VersionState.SHADOW}
    offered = [
        (said("Edit") if is_draft and may_write else said("Read"), "change", True),
        (said("Matrix"), "matrix", True),
        (said("What it changes"), "difference", True),
        (said("Coverage proof"), "proof", True),
        (said("Backtest"), "backtests", True),
        (said("Baseline"), "baselines", True),
        (said("Rules as CSV"), "rules_file", True),
        (said("Matrix as CSV"), "matrix_file", True),
        (said("Version log"), "log", hasattr(version, "log")),
        (said("New draft from this version"), "new_draft", person.has_perm("policies.add_policyversion")),
        (said("Send to review"), "review", may_write and is_draft and not version.is_emergency),
        (
            said("Put the emergency change in force"),
            "emergency",
            may_sign and is_draft and version.is_emergency and person.pk == version.second_person_id,
        ),
        (said("Start shadow"), "shadow", may_sign and state == VersionState.IN_REVIEW),
        (said("Publish"), "publish", may_sign and is_read),
        (said("Make it a draft again"), "back", may_write and is_read),
        (said("Call it back"), "recall", may_write and state == VersionState.SCHEDULED),
        (said("Review the emergency change"), "emergency_review", may_read_late and version.waits_for_its_reader),
    ]
    tools = [
        Tool(words, reverse(f"admin:policies_policyversion_{name}", args=[version.pk]))
        for words, name, is_offered in offered
        if is_offered
    ]
    if version.shadow_since is None:
        return tools
    report = reverse("admin:policies_policy_version_shadow", args=[version.policy_id, version.number])
    return [*tools, Tool(said("Shadow report"), report)]
