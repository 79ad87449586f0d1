"""One version takes over from another: the same steps however it came to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .editions import record
from .version_logs import write_log
from .vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from config.kernel.people import Actor

    from .models import PolicyVersion

PLACES = {VersionState.SHADOW: said("in shadow"), VersionState.SCHEDULED: said("scheduled")}


def take_over(*, version: PolicyVersion, move: Callable[[], None], actor: Actor, at: datetime, words: str) -> None:
    """Put a version in force under the locks its command holds.

    1. Retire the one in force; requests in flight keep it.
    2. `move` the new one: the transition that signs it.
    3. Keep what changed and who signed, and write its fingerprint into the ledger.
    """
    others = version.policy.versions.select_for_update(no_key=True)
    replaced = others.filter(state=VersionState.PUBLISHED).first()
    if replaced is not None:
        replaced.policy = version.policy
        replaced.retire(at=at)
        replaced.save(update_fields=["state", "retired_at"])
        record(replaced, "retired", actor, at, f"retired version {replaced.number} of {version.policy.slug}.")
    move()
    version.save()
    log = write_log(version, replaced, at)
    sentence = f"{words} version {version.number} of {version.policy.slug}."
    record(version, "published", actor, at, sentence, {"log_sha256": log.sha256})


def check_place_is_free(version: PolicyVersion, place: VersionState) -> None:
    """Refuse a second version in shadow, or a second one that is scheduled.

    :raises Refused: naming the version that is there
    """
    other = version.policy.versions.filter(state=place).exclude(pk=version.pk).first()
    if other is not None:
        raise Refused(
            "refused",
            said(
                "Version {number} of {policy} is {place} already. Make that one a draft first.",
                number=other.number,
                policy=version.policy.slug,
                place=PLACES[place],
            ),
        )
