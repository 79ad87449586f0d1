"""Who could come in, in which roles, for which teams, and when: rows that the database writes at each change."""

from __future__ import annotations

from typing import Any

import pghistory

from .people import TeamUserObjectPermission, User

NO_LINKS: dict[str, Any] = {"obj_field": None, "context_field": None, "append_only": True}
"""The rows stand alone: what they speak of may be gone."""


def every_change() -> tuple[pghistory.Tracker, ...]:
    """Watch rows come, change and go; a raw statement is noticed like any other."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


PERSON_FIELDS = ["id", "username", "first_name", "last_name", "is_active", "is_superuser", "is_service_account"]

_event_of_a_person = pghistory.create_event_model(User, *every_change(), fields=PERSON_FIELDS, **NO_LINKS)


class PersonEvent(_event_of_a_person):  # type: ignore[misc, valid-type]
    """A person as she stood from `pgh_created_at` on."""


class PersonRole(User.groups.through):  # type: ignore[name-defined, misc]
    """A role somebody holds: Django's own table, named so that it can be watched."""

    class Meta:
        proxy = True


_event_of_a_role = pghistory.create_event_model(PersonRole, *every_change(), **NO_LINKS)


class PersonRoleEvent(_event_of_a_role):  # type: ignore[misc, valid-type]
    """A role that was given or taken at `pgh_created_at`."""


_event_of_a_team = pghistory.create_event_model(TeamUserObjectPermission, *every_change(), **NO_LINKS)


class PersonTeamEvent(_event_of_a_team):  # type: ignore[misc, valid-type]
    """A team somebody began or ceased to work for at `pgh_created_at`."""
