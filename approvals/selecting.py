"""Which rows of the queue may be ticked for a bulk, and why not the others: the page's answer, before any command's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

BY_ITSELF = said("Decide it by itself: only what is in policy, of low risk and fully proved is approved together.")


def why_not_select(viewer: User, rows: Iterable[Any], blocked: Mapping[UUID, str], *, at: datetime) -> dict[UUID, str]:
    """Say of each row of `waiting_routes` why it cannot be ticked; a row that can is not named.

    `blocked` says of some of them why the viewer may not decide at all.
    """
    answers = {row.pk: blocked.get(row.pk, "") or _why_not(viewer, row, at) for row in rows}
    return {pk: why_not for pk, why_not in answers.items() if why_not}


def _why_not(viewer: User, row: Any, at: datetime) -> str:
    is_held = row.leased_until is not None and row.leased_until > at and row.leased_by_id != viewer.pk
    if is_held:
        return said("{name} is looking at it.", name=row.leased_by_name)
    return "" if row.is_routine else BY_ITSELF
