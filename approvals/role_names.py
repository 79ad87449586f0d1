"""What the roles are called on pages; records, exports and the API keep their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.kernel.wording import joined, said, said_as

from . import roles

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES: Final = {
    roles.AGENT: said("Agent"),
    roles.REVIEWER: said("Reviewer"),
    roles.APPROVER: said("Approver"),
    roles.MANAGER: said("Manager"),
    roles.DIRECTOR: said("Director"),
    roles.FINANCE: said("Finance"),
    roles.QUALITY: said_as("role", "Quality"),
    roles.AUDITOR: said("Auditor"),
    roles.ADMINISTRATOR: said("Administrator"),
    roles.SERVICE: said_as("role", "Service"),
}


def role_name(role: str) -> str:
    """Name a role as a page heads it; one that an administrator made is called as she called it."""
    return NAMES.get(role, role.capitalize())


def role_names(held: Iterable[str]) -> str:
    """Name several roles, in the order of their keys."""
    return joined((role_name(role) for role in sorted(held)), ", ")
