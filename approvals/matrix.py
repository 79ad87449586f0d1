"""The authority matrix: who may sign for how much, how far that reaches, and who could sign for one amount."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team, User, people_of
from config.kernel.refusals import NotPermitted
from config.kernel.subjects import Subject
from config.kernel.wording import inside, said

from .authority import load_limits, signed_today
from .lending import SIGNS, loans_of
from .models import Absence, AuthorityLimit
from .permissions import Matter, warrant_for
from .role_names import role_name, role_names
from .staff import Staff
from .vocabulary import Category

if TYPE_CHECKING:
    from datetime import datetime

    from .permissions import Warrant

ALWAYS_SIGNED = (Category.REFUND, Category.GOODWILL_CREDIT)
"""Categories that every team is asked for; others count once a limit names them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One limit, and the people it reaches."""

    limit: AuthorityLimit
    people: list[User]

    @property
    def category(self) -> str:
        """Name the category as people say it."""
        return Category(self.limit.category).label

    @property
    def role_words(self) -> str:
        """Name the role as it stands inside a sentence."""
        return inside(role_name(self.limit.role))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the people of one team reach in a category: `most` is None when nobody signs at all."""

    team: Team
    category: Category
    currency: str
    most: Money | None
    people: list[User]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one person could sign, in whose name, up to what, what is left of the day, and what stands against it."""

    person: User
    roles: str
    is_able: bool
    why_not: str
    up_to: Money | None
    left_today: Money | None
    in_the_name_of: User | None
    away_until: datetime | None
    lent_by: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who can approve this amount in this category for this team, entered by this person?"""

    amount: Money
    category: Category
    team: Team
    entered_by: User | None = None


def lines() -> list[Line]:
    """List every limit, roles first, each with whom it reaches."""
    holders = people_by_role()
    limits = AuthorityLimit.objects.select_related("user", "team").order_by(
        "role", "user__username", "category", "currency", "team__name", "pk"
    )
    found = [Line(limit, [limit.user] if limit.user is not None else holders.get(limit.role, [])) for limit in limits]
    return sorted(found, key=lambda line: line.limit.user_id is not None)


def people_by_role() -> dict[str, list[User]]:
    """Tell who holds each role, of those who may log in."""
    held: dict[str, list[User]] = defaultdict(list)
    people = User.objects.filter(is_active=True, groups__isnull=False).distinct().prefetch_related("groups")
    for person in people.order_by("username"):
        for group in person.groups.all():
            held[group.name].append(person)
    return dict(sorted(held.items()))


def reaches(*, at: datetime) -> list[Reach]:
    """Tell for each team and category up to which amount somebody may sign, by right and not counting the day."""
    named = set(AuthorityLimit.objects.values_list("category", flat=True)) | set(ALWAYS_SIGNED)
    categories = [category for category in Category if category in named]
    found = []
    for team in Team.objects.order_by("name", "pk"):
        staff = Staff(team, at=at)
        found += [_reach(staff, category) for category in categories]
    return found


def _reach(staff: Staff, category: Category) -> Reach:
    currency = staff.team.currency
    ways = staff.signatures(category=category, currency=currency)
    most = max((way.single_minor for way in ways), default=None)
    people = {way.signer.pk: way.signer for way in ways if way.single_minor == most}
    return Reach(staff.team, category, currency, None if most is None else Money(most, currency), list(people.values()))


def answers(question: Question, *, at: datetime) -> list[Answer]:
    """Ask everybody of the team with the right to sign; who can comes first, the smallest sufficient limit before."""
    people = list(people_of(question.team).order_by("username"))
    load_limits(people)
    away = {
        absence.user_id: absence.until_at
        for absence in Absence.objects.filter(user__in=people, from_at__lte=at, until_at__gt=at).order_by("until_at")
    }
    found = [_answer(person, question, away.get(person.pk), at=at) for person in people if person.has_perm(SIGNS)]
    return sorted(
        found,
        key=lambda one: (not one.is_able, one.up_to.minor if one.up_to is not None else 0, one.person.username),
    )


def _answer(person: User, question: Question, away_until: datetime | None, *, at: datetime) -> Answer:
    warrant, why_not, left = None, "", None
    try:
        warrant = warrant_for(person, _matter(question), at=at)
    except NotPermitted as no:
        why_not = no.detail
    if warrant is not None:
        left = _left_today(warrant, question, at=at)
        if left < question.amount:
            why_not = said("{left} are left of the day, and this is {amount}.", left=left, amount=question.amount)
        elif away_until is not None:
            why_not = said("Away, so nothing is routed here; the right itself stays.")
    return Answer(
        person=person,
        roles=role_names(person.role_names),
        is_able=warrant is not None and not why_not,
        why_not=why_not,
        up_to=None if warrant is None else Money(warrant.single_minor, question.amount.currency),
        left_today=left,
        in_the_name_of=None if warrant is None else warrant.acting_for,
        away_until=away_until,
        lent_by=[str(loan.lent_by) for loan in loans_of(person, at=at)],
    )


def _matter(question: Question) -> Matter:
    return Matter(
        subject=Subject("question", new_id()),
        requested_by_id=question.entered_by.pk if question.entered_by is not None else 0,
        reviewed_by_id=None,
        team_id=question.team.pk,
        category=question.category,
        amount=question.amount,
    )


def _left_today(warrant: Warrant, question: Question, *, at: datetime) -> Money:
    """Take the least that the day of everybody whose limit binds still holds."""
    currency = question.amount.currency
    left = [
        limit.daily_minor - signed_today(person, category=question.category, currency=currency, at=at)
        for person, limit in warrant.limits
    ]
    return Money(max(min(left), 0), currency)
