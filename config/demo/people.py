"""The people of the demo, the teams they work for and the policies those go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from approvals import roles
from approvals.guards import Scope
from approvals.models import StepUpLimit
from approvals.services.limits import confirm_change, propose_limit
from approvals.services.service_accounts import open_account
from approvals.services.step_up_limits import set_step_up
from approvals.vocabulary import Category
from config.kernel.people import Team, User, assign_to_teams, give_roles
from config.kernel.wording import said
from evidence.letters.editions import install_supplied
from policies.cataloguing import write_catalogue
from policies.models import Policy
from policies.publishing import install_template, publish_version, send_to_review
from refunds.breaks.promises import set_break_limit
from refunds.models import BreakLimit

from .calendars import settle_calendars

if TYPE_CHECKING:
    from datetime import datetime

CURRENCIES = ("GBP", "USD", "EUR")
SIGNED_CATEGORIES = tuple(Category)
DAILY_LIMIT_MINOR = 1_000_000_00
STEP_UP_ABOVE_MINOR = 5_000_00
BREAK_ABOVE_MINOR = 100_00


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTeam:
    """A team with its shop and its policy; `is_enforced` says whether the policy gates or only watches."""

    slug: str
    name: str
    currency: str
    time_zone: str
    channel: str
    template: str
    is_enforced: bool = True


TEAMS = (
    DemoTeam(
        slug="uk-retail",
        name="UK Retail",
        currency="GBP",
        time_zone="Europe/London",
        channel="shop-uk",
        template="retail-goods",
    ),
    DemoTeam(
        slug="us-dtc",
        name="US Direct",
        currency="USD",
        time_zone="America/New_York",
        channel="shop-us",
        template="ecommerce-dtc",
    ),
    DemoTeam(
        slug="eu-saas",
        name="EU Subscriptions",
        currency="EUR",
        time_zone="Europe/Berlin",
        channel="saas-eu",
        template="saas-subscription",
        is_enforced=False,
    ),
)
ALL_TEAMS = tuple(team.slug for team in TEAMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody to become: who they are, in which role, and what they may sign for at once."""

    username: str
    last_name: str
    title: str
    role: str
    limit_minor: int = 0
    teams: tuple[str, ...] = ALL_TEAMS
    also: tuple[str, ...] = ()
    """Roles beside the first, which is what the chooser shows."""


PERSONAS = (
    Persona(username="amir", last_name="Haddad", title=said("Service agent"), role=roles.AGENT),
    Persona(username="asha", last_name="Verma", title=said("Service agent, US"), role=roles.AGENT, teams=("us-dtc",)),
    Persona(username="mei", last_name="Lindqvist", title=said("Policy reviewer"), role=roles.REVIEWER),
    Persona(username="milo", last_name="Brandt", title=said("Policy reviewer"), role=roles.REVIEWER),
    Persona(username="dana", last_name="Okafor", title=said("Team lead"), role=roles.APPROVER, limit_minor=500_00),
    Persona(
        username="viktor",
        last_name="Sandoval",
        title=said("Manager"),
        role=roles.APPROVER,
        also=(roles.MANAGER,),
        limit_minor=5_000_00,
    ),
    Persona(
        username="vera",
        last_name="Castellan",
        title=said("Director"),
        role=roles.APPROVER,
        also=(roles.DIRECTOR,),
        limit_minor=50_000_00,
    ),
    Persona(
        username="dora",
        last_name="Nyström",
        title=said("Director"),
        role=roles.APPROVER,
        also=(roles.DIRECTOR,),
        limit_minor=50_000_00,
    ),
    Persona(username="lena", last_name="Fischer", title=said("Finance"), role=roles.FINANCE),
    Persona(username="luis", last_name="Ferreira", title=said("Finance, UK"), role=roles.FINANCE, teams=("uk-retail",)),
    Persona(username="sam", last_name="Whitlock", title=said("Quality"), role=roles.QUALITY),
    Persona(username="ada", last_name="Marchetti", title=said("Auditor"), role=roles.AUDITOR),
    Persona(username="root", last_name="Admin", title=said("Administrator"), role=roles.ADMINISTRATOR),
)
BOT = "bot"
BOT_OWNER = "lena"
POLICY_AUTHOR, POLICY_PUBLISHER = "root", "mei"
"""Four eyes: whoever writes a policy does not put it in force."""
ADMINISTRATOR, LIMIT_CONFIRMER = "root", "lena"
"""Four eyes again, and neither of them signs for anything."""


@transaction.atomic
def settle_people(*, at: datetime) -> None:
    """Write teams, roles, people and limits; whoever is there stays as she is. Nobody has a password."""
    roles.write_roles()
    for demo_team in TEAMS:
        Team.objects.get_or_create(
            slug=demo_team.slug,
            defaults={"name": demo_team.name, "currency": demo_team.currency, "time_zone": demo_team.time_zone},
        )
    new = [persona for persona in PERSONAS if _settle(persona)]
    for persona in new:
        _give_limits(persona, at=at)
    settle_calendars(actor=person(POLICY_AUTHOR), at=at)
    _settle_step_up(at=at)
    _settle_break_limits(at=at)
    _settle_bot(at=at)


def _settle_step_up(*, at: datetime) -> None:
    """Ask for a fresh sign-in above 5,000.00 of each currency, unless somebody said otherwise."""
    for currency in CURRENCIES:
        if not StepUpLimit.objects.filter(currency=currency).exists():
            set_step_up(currency=currency, above_minor=STEP_UP_ABOVE_MINOR, actor=person(POLICY_AUTHOR), at=at)


def _settle_break_limits(*, at: datetime) -> None:
    """Let one of finance resolve breaks up to 100.00 of each currency, unless somebody said otherwise."""
    for currency in CURRENCIES:
        if not BreakLimit.objects.filter(currency=currency).exists():
            set_break_limit(currency=currency, above_minor=BREAK_ABOVE_MINOR, actor=person(ADMINISTRATOR), at=at)


def settle_policies(*, at: datetime) -> None:
    """Write the codes, and give every team without a policy the one of its template, in force since `at`."""
    write_catalogue()
    install_supplied()
    author, publisher = person(POLICY_AUTHOR), person(POLICY_PUBLISHER)
    for demo_team in TEAMS:
        if Policy.objects.filter(team__slug=demo_team.slug).exists():
            continue
        version = install_template(
            slug=demo_team.template,
            team=Team.objects.get(slug=demo_team.slug),
            actor=author,
            at=at,
            enforced_categories=list(Category.values) if demo_team.is_enforced else (),
        )
        send_to_review(version_id=version.pk, actor=author, at=at)
        publish_version(version_id=version.pk, actor=publisher, at=at)


def person(username: str) -> User:
    """Load somebody fresh, without what she was told of her rights before."""
    return User.objects.get(username=username)


def _settle(persona: Persona) -> bool:
    """Write one person with roles and teams; tell whether she is new."""
    user, is_new = User.objects.get_or_create(
        username=persona.username,
        defaults={
            "first_name": persona.username.capitalize(),
            "last_name": persona.last_name,
            "email": f"{persona.username}@redress.example",
            # The admin site opens what a role's permissions name; nobody is above the constraints.
            "is_staff": persona.role in {roles.ADMINISTRATOR, roles.REVIEWER, roles.QUALITY},
        },
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        give_roles(user=user, roles=[persona.role, *persona.also])
        assign_to_teams(user=user, teams=Team.objects.filter(slug__in=persona.teams))
    return is_new


def _give_limits(persona: Persona, *, at: datetime) -> None:
    """Have somebody's limits proposed by one person and confirmed by another, as everywhere."""
    if not persona.limit_minor:
        return
    proposer, confirmer = person(ADMINISTRATOR), person(LIMIT_CONFIRMER)
    for category in SIGNED_CATEGORIES:
        for currency in CURRENCIES:
            change = propose_limit(
                scope=Scope(user=person(persona.username), category=category, currency=currency),
                single_minor=persona.limit_minor,
                daily_minor=DAILY_LIMIT_MINOR,
                why=f"{persona.title}: the limit of this post.",
                actor=proposer,
                at=at,
            )
            confirm_change(change_id=change.pk, note="As the board decided.", actor=confirmer, at=at)


def _settle_bot(*, at: datetime) -> None:
    bot, is_new = User.objects.get_or_create(
        username=BOT, defaults={"first_name": "Helpdesk", "last_name": "Bot", "is_service_account": True}
    )
    if is_new:
        bot.set_unusable_password()
        bot.save(update_fields=["password"])
        give_roles(user=bot, roles=[roles.SERVICE])
        open_account(
            username=BOT,
            purpose="Files what the helpdesk promised, and asks before it moves money.",
            owner=person(BOT_OWNER),
            teams=Team.objects.all(),
            actor=person(ADMINISTRATOR),
            at=at,
        )
