"""Who acts: people, the teams they work for, and machines that act on nobody's behalf."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.shortcuts import get_objects_for_user, get_users_with_perms, remove_perm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox names the way back from its tokens
    """A person, or a service account of a machine outside."""

    is_service_account = models.BooleanField(default=False)

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def role_names(self) -> frozenset[str]:
        """The names of the roles this person holds; asked once for each loaded person."""
        held = cast("frozenset[str] | None", self.__dict__.get("_role_names"))
        if held is None:
            held = frozenset(self.groups.values_list("name", flat=True))
            self.__dict__["_role_names"] = held
        return held


def forget_rights(user: User) -> None:
    """Ask anew for the roles, permissions and teams of a loaded person, and whether she may still come in at all."""
    for kept in ("_role_names", "_perm_cache", "_teams"):
        user.__dict__.pop(kept, None)
    user.refresh_from_db(fields=["is_active"])


class Team(models.Model):
    """A brand, region or store that a request belongs to and people work for."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="Europe/London")

    class Meta:
        permissions = [("work_for_team", "Can work for this team")]

    def __str__(self) -> str:
        return self.name


class TeamUserObjectPermission(UserObjectPermissionBase):
    """Who works for which team, one row each, with real foreign keys."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)


class TeamGroupObjectPermission(GroupObjectPermissionBase):
    """Which group works for which team."""

    content_object = models.ForeignKey(Team, on_delete=models.CASCADE)


def teams_of(user: User) -> list[Team]:
    """List the teams a person works for, by name; asked once for each loaded person."""
    known = cast("list[Team] | None", user.__dict__.get("_teams"))
    if known is None:
        teams = get_objects_for_user(user, "kernel.work_for_team", Team, accept_global_perms=False)
        known = list(teams.order_by("name", "pk"))
        user.__dict__["_teams"] = known
    return known


def team_ids_of(user: User) -> frozenset[int]:
    """Tell which teams a person works for; asked once for each loaded person."""
    return frozenset(team.pk for team in teams_of(user))


def people_of(team: Team) -> QuerySet[User]:
    """Select the people who work for a team and may log in; machines outside are not people."""
    found = cast(
        "QuerySet[User]", get_users_with_perms(team, only_with_perms_in=["work_for_team"], with_superusers=True)
    )
    return User.objects.filter(pk__in=found.values("pk"), is_active=True, is_service_account=False)


def assign_to_teams(*, user: User, teams: Iterable[Team]) -> None:
    """Let a person work for exactly these teams."""
    wanted = {team.pk: team for team in teams}
    for team in Team.objects.filter(pk__in=team_ids_of(user) - wanted.keys()):
        remove_perm("kernel.work_for_team", user, team)
    right = Permission.objects.get(codename="work_for_team", content_type__app_label="kernel")
    TeamUserObjectPermission.objects.bulk_create(
        (TeamUserObjectPermission(user=user, permission=right, content_object=team) for team in wanted.values()),
        ignore_conflicts=True,
    )
    user.__dict__.pop("_teams", None)


def give_roles(*, user: User, roles: Iterable[str]) -> None:
    """Let a person hold exactly these roles."""
    user.groups.set(Group.objects.filter(name__in=list(roles)))
    user.__dict__.pop("_role_names", None)


@dataclass(frozen=True, slots=True)
class Machine:
    """A part of Redress that acts by itself: the policy, the payments worker. It is nobody, so it decides nothing."""

    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)

    def has_perm(self, permission: str, _obj: object = None) -> bool:
        """Answer as a person would, so that transitions ask both the same way."""
        return permission in self.permissions

    def __str__(self) -> str:
        return self.name.capitalize()


Actor = User | Machine
"""Whoever acts. A machine leaves no foreign key, only its name."""
