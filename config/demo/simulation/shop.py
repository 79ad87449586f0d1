"""The teams of a simulation: those of the demo, and two more whose currencies have no decimals and three."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from approvals.guards import Scope
from approvals.services.limits import confirm_change, propose_limit
from approvals.vocabulary import Category
from config.demo.people import (
    ADMINISTRATOR,
    LIMIT_CONFIRMER,
    PERSONAS,
    POLICY_AUTHOR,
    POLICY_PUBLISHER,
    person,
    settle_people,
)
from config.demo.people import CURRENCIES as DEMO_CURRENCIES
from config.demo.people import TEAMS as DEMO_TEAMS
from config.kernel.people import Team, assign_to_teams
from evidence.letters.editions import install_supplied
from policies.cataloguing import write_catalogue
from policies.publishing import draft_version, install_template, publish_version, send_to_review

if TYPE_CHECKING:
    from datetime import datetime

TEMPLATE = "retail-goods"
WRITTEN_FOR = "GBP"
OF_A_POUND = {"GBP": 100, "EUR": 115, "USD": 130, "JPY": 200, "KWD": 400}
"""How many of the smallest units stand for a pound here; thresholds and prices are scaled by it."""

CURRENCIES = tuple(OF_A_POUND)
MORE_TEAMS = {"JPY": "jp-retail", "KWD": "kw-retail"}
LIMIT_MINOR, DAILY_MINOR = 50_000_000, 2_000_000_000


def settle_shop(*, at: datetime) -> None:
    """Write people, teams, limits, codes and one policy for each team, all by the verbs of the portal."""
    settle_people(at=at)
    write_catalogue()
    install_supplied()
    for currency, slug in MORE_TEAMS.items():
        Team.objects.create(slug=slug, name=slug, currency=currency)
    for persona in PERSONAS:
        assign_to_teams(user=person(persona.username), teams=Team.objects.all())
    for currency in CURRENCIES:
        _settle_limits(currency, at=at)
        _settle_policy(team_of(currency), at=at)


@cache
def team_of(currency: str) -> Team:
    """Name the team that sells in a currency."""
    slugs = {team.currency: team.slug for team in DEMO_TEAMS} | MORE_TEAMS
    return Team.objects.get(slug=slugs[currency])


def _settle_limits(currency: str, *, at: datetime) -> None:
    """Let directors sign in a currency that the demo does not have."""
    if currency in DEMO_CURRENCIES:
        return
    for name in ("vera", "dora"):
        change = propose_limit(
            scope=Scope(user=person(name), category=Category.REFUND, currency=currency),
            single_minor=LIMIT_MINOR,
            daily_minor=DAILY_MINOR,
            why="Director: the limit of this post.",
            actor=person(ADMINISTRATOR),
            at=at,
        )
        confirm_change(change_id=change.pk, note="As the board decided.", actor=person(LIMIT_CONFIRMER), at=at)


def _settle_policy(team: Team, *, at: datetime) -> None:
    """Put the template in force, with its amounts said in every currency."""
    author, publisher = person(POLICY_AUTHOR), person(POLICY_PUBLISHER)
    first = install_template(slug=TEMPLATE, team=team, actor=author, at=at, enforced_categories=list(Category.values))
    version = draft_version(
        policy=first.policy,
        document=_in_all_currencies(first.document),
        what="Amounts in every currency of the simulation.",
        why="A shop of the simulation sells in one of five currencies.",
        impact="Every request of this team.",
        risk_rationale="Play money.",
        actor=author,
        at=at,
    )
    send_to_review(version_id=version.pk, actor=author, at=at)
    publish_version(version_id=version.pk, actor=publisher, at=at)


def _in_all_currencies(told: Any) -> Any:
    if isinstance(told, list):
        return [_in_all_currencies(one) for one in told]
    if not isinstance(told, dict):
        return told
    if WRITTEN_FOR in told:
        return {currency: _scaled(told[WRITTEN_FOR], OF_A_POUND[currency], is_money=True) for currency in CURRENCIES}
    return {name: _in_all_currencies(value) for name, value in told.items()}


def _scaled(told: Any, units: int, *, is_money: bool) -> Any:
    """Scale every amount: a number by itself, or one whose name says that it is minor units."""
    if isinstance(told, list):
        return [_scaled(one, units, is_money=False) for one in told]
    if isinstance(told, dict):
        return {name: _scaled(value, units, is_money=name.endswith("_minor")) for name, value in told.items()}
    return told * units // OF_A_POUND[WRITTEN_FOR] if is_money and type(told) is int else told
