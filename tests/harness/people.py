"""The people of the tests, each with a story; all but Asha and Luis work for every team."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.auth.models import Group
from django.db import connection

from approvals.models import AuthorityLimit
from approvals.roles import write_roles
from config.kernel.people import Team, User, assign_to_teams, give_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

TEAMS = {"uk-retail": "GBP", "us-dtc": "USD", "eu-saas": "EUR"}


@dataclass(frozen=True)
class Story:
    """Who somebody is: her roles, her single limit in every currency, the teams she works for."""

    roles: tuple[str, ...]
    limit_minor: int = 0
    teams: tuple[str, ...] = tuple(TEAMS)
    is_service_account: bool = False
    is_superuser: bool = False
    is_staff: bool = False


STORIES = {
    "amir": Story(("agent",)),  # takes requests all day
    "asha": Story(("agent",), teams=("us-dtc",)),  # a stranger to everything British
    "mei": Story(("reviewer",), is_staff=True),  # judges exceptions, publishes policies
    "milo": Story(("reviewer",), is_staff=True),  # writes policies
    "dana": Story(("approver",), limit_minor=500_00),  # a team lead
    "viktor": Story(("approver", "manager"), limit_minor=5_000_00),  # a manager
    "vera": Story(("approver", "director"), limit_minor=50_000_00),  # a director
    "lena": Story(("finance",)),  # pays and reconciles
    "luis": Story(("finance",), teams=("uk-retail",)),
    "sam": Story(("quality",)),
    "ada": Story(("auditor",)),  # reads everything, changes nothing
    "root": Story(("administrator",), is_staff=True),
    "bot": Story(("service",), is_service_account=True),
    "nobody": Story((), teams=()),  # logged in, entitled to nothing
    # Constraints bind superusers too.
    "zeus": Story(("approver", "agent"), limit_minor=50_000_00, is_superuser=True, is_staff=True),
}
"""What the access table walks over."""


def settle_teams() -> dict[str, Team]:
    """Make the three teams."""
    there = {team.slug: team for team in Team.objects.filter(slug__in=TEAMS)}
    if len(there) == len(TEAMS):
        return there
    return {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": slug, "currency": currency})[0]
        for slug, currency in TEAMS.items()
    }


def settle(username: str) -> User:
    """Make one person of the stories, with roles, teams and limits."""
    known = User.objects.filter(username=username).first()
    if known is not None:
        return known
    story = STORIES[username]
    teams = settle_teams()
    if not Group.objects.filter(name="agent").exists():
        write_roles()
    user = User.objects.create(
        username=username,
        first_name=username.capitalize(),
        is_service_account=story.is_service_account,
        is_superuser=story.is_superuser,
        is_staff=story.is_staff,
    )
    give_roles(user=user, roles=story.roles)
    assign_to_teams(user=user, teams=[teams[slug] for slug in story.teams])
    with by_decree():
        AuthorityLimit.objects.bulk_create(
            AuthorityLimit(
                user=user,
                category="refund",
                currency=currency,
                single_minor=story.limit_minor,
                daily_minor=1_000_000_00,
            )
            for currency in TEAMS.values()
            if story.limit_minor
        )
    return fresh(user)


def fresh(user: User) -> User:
    """Load a person anew, without what she was last told of her rights."""
    return User.objects.get(pk=user.pk)


@contextmanager
def by_decree() -> Iterator[None]:
    """Let a story begin with limits that nobody proposed and nobody confirmed."""
    with without("approvals.AuthorityLimit:limit_is_confirmed"):
        yield


@contextmanager
def without(uri: str) -> Iterator[None]:
    """Switch a trigger off for a while.

    `pgtrigger.ignore` itself puts its word before each statement, which a prepared one does not take.
    """
    model, trigger = pgtrigger.registered(uri)[0]
    name = f"{{{trigger.get_pgid(model)}}}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, false)", [name])
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('pgtrigger.ignore', '', false)")
