"""May this person see this route, and may she decide on it: asked by the list, the page and the command alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from .authority import Limit, limit_for, limits_of, signed_today
from .lending import SIGNS, loans_of
from .models import ApprovalDecision, ApprovalRoute, Involvement
from .vocabulary import Part, RouteState, in_a_sentence

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User
    from config.kernel.subjects import Subject

    from .lending import Loan

SELF_APPROVAL = said("You entered this request. Somebody else must decide.")
OWN_REVIEW = said("You judged the exception on this request. Somebody else must decide.")
PART_TAKEN = {
    Part.SUBMITTER: said("You submitted this request. Somebody else must decide."),
    Part.REVIEWER: OWN_REVIEW,
    Part.PAYER: said("You sent the money of this request. Somebody else must decide."),
    Part.PROPOSER: said("You proposed how else to pay this. Somebody else must decide."),
}
DECIDED_BEFORE = said("You decided on this request before. Somebody else must decide.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What somebody wants to sign for, as its route or the subject itself tells it."""

    subject: Subject
    requested_by_id: int
    reviewed_by_id: int | None
    team_id: int
    category: str
    amount: Money
    open_roles: frozenset[str] | None = None
    """The roles that are waited for; None when that is not known yet."""


@dataclass(frozen=True, slots=True)
class Warrant:
    """What a signature rests on: in whose name, with which roles, and up to which limits in minor units.

    Where somebody acts for another, both limits bind, and so does the ceiling of the delegation: `single_minor` is the
    least of them.
    """

    single_minor: int
    limits: tuple[tuple[User, Limit], ...]
    roles: frozenset[str]
    loan: Loan | None = None

    @property
    def acting_for(self) -> User | None:
        """In whose name she signs; None in her own."""
        return None if self.loan is None else self.loan.lent_by


def visible_to(user: User) -> QuerySet[ApprovalRoute]:
    """Narrow routes to the teams this person works for."""
    if not user.has_perm("approvals.view_approvalroute"):
        return ApprovalRoute.objects.none()
    return ApprovalRoute.objects.filter(team_id__in=team_ids_of(user))


def within_authority(user: User, *, at: datetime) -> Q:
    """Select the open routes this person may decide, in her own name or another's: the list form of `warrant_for`."""
    if not _may_sign(user):
        return Q(pk__in=[])
    loans = loans_of(user, at=at)
    mine = within_own_authority(user)
    for loan in loans:
        lender = loan.lent_by
        mine |= (
            Q(open_roles__overlap=sorted(lender.role_names))
            & _scopes(user, loan)
            & ~(Q(requested_by__in=[lender, *_lenders(lender, at)]) | Q(reviewed_by=lender))
            & ~_took_part(lender)
        )
    # Whose stand-in she is may not be decided by her at all.
    own = Q(requested_by__in=[user, *_lenders(user, at)]) | Q(reviewed_by=user)
    return Q(state=RouteState.OPEN) & mine & ~own & ~_took_part(user)


def _lenders(user: User, at: datetime) -> list[User]:
    return [loan.lent_by for loan in loans_of(user, at=at)]


def within_own_authority(user: User) -> Q:
    """Select the routes whose amount and role are within what this person may sign in her own name."""
    return Q(open_roles__overlap=sorted(user.role_names)) & _scopes(user, None)


def _scopes(user: User, loan: Loan | None) -> Q:
    people = [user] if loan is None else [user, loan.lent_by]
    kinds = {(limit.category, limit.currency) for limit in limits_of(user)}
    scopes = Q(pk__in=[])
    for team_id in sorted(team_ids_of(user)):
        for category, currency in sorted(kinds):
            most = _single_minor(people, loan, team_id, category, currency)
            if most is not None:
                scopes |= Q(team_id=team_id, category=category, currency=currency, amount_minor__lte=most)
    return scopes


def _single_minor(people: list[User], loan: Loan | None, team_id: int, category: str, currency: str) -> int | None:
    """Find the least of the limits that bind; None when one of the people has none."""
    limits = [limit_for(person, team_id=team_id, category=category, currency=currency) for person in people]
    if loan is not None and not (loan.covers(team_id=team_id, category=category) and loan.is_backed(team_id=team_id)):
        return None
    least = [limit.single_minor for limit in limits if limit is not None]
    if len(least) < len(people):
        return None
    ceiling = None if loan is None else loan.ceiling_minor(currency)
    return min([*least, ceiling] if ceiling is not None else least)


def _may_sign(user: User) -> bool:
    return user.has_perm(SIGNS) and not user.is_service_account


def _took_part(person: User) -> Q:
    """Select the routes of subjects this person took a part in, or decided on before."""
    part = Involvement.objects.filter(
        subject_id=OuterRef("subject_id"), person=person, subject_kind=OuterRef("subject_kind")
    )
    decided = ApprovalDecision.objects.filter(
        Q(decided_by=person) | Q(acting_for=person),
        Q(route=OuterRef("pk")) | Q(route__state__in=[RouteState.APPROVED, RouteState.DECLINED]),
        route__subject_id=OuterRef("subject_id"),
        route__subject_kind=OuterRef("subject_kind"),
    )
    return Q(Exists(part)) | Q(Exists(decided))


def warrant_for(user: User, matter: Matter, *, at: datetime) -> Warrant:
    """Answer what this person's signature would rest on: her own authority, or what somebody lent her.

    Asked before any state, so that a person without the right hears the same in every state.

    :raises NotPermitted: `not_permitted`, `self_approval` or `over_authority`
    """
    if not _may_sign(user):
        raise NotPermitted("not_permitted", said("Deciding needs the role of an approver."))
    loans = loans_of(user, at=at)
    conflict = conflict_of(user, matter) or _stands_in(loans, matter)
    if conflict:
        raise NotPermitted("self_approval", conflict)
    own = _own(user, matter)
    if isinstance(own, Warrant):
        return own
    lent = [warrant for loan in loans if (warrant := _lent(user, loan, matter, at)) is not None]
    if lent:
        return (
            lent[0] if len(lent) == 1 else max(lent, key=lambda one: (has_room(one, matter, at=at), one.single_minor))
        )
    raise own


def conflict_of(user: User, matter: Matter) -> str:
    """Say in a sentence why segregation of duties keeps this person from the matter; empty when nothing does."""
    if user.pk == matter.requested_by_id:
        return SELF_APPROVAL
    if user.pk == matter.reviewed_by_id:
        return OWN_REVIEW
    part = (
        Involvement.objects.filter(subject_id=matter.subject.id, person=user, subject_kind=matter.subject.kind)
        .values_list("part", flat=True)
        .first()
    )
    return PART_TAKEN[Part(part)] if part is not None else ""


def took_part(user: User, subject: Subject, part: Part) -> bool:
    """Tell whether this person took that part in the subject."""
    return Involvement.objects.filter(subject_id=subject.id, person=user, part=part, subject_kind=subject.kind).exists()


def decided_before(user: User, matter: Matter) -> bool:
    """Tell whether this person signed, or somebody in her name, on an open or an ended route of the subject."""
    return ApprovalDecision.objects.filter(
        Q(decided_by=user) | Q(acting_for=user),
        route__subject_id=matter.subject.id,
        route__subject_kind=matter.subject.kind,
        route__state__in=[RouteState.OPEN, RouteState.APPROVED, RouteState.DECLINED],
    ).exists()


def _stands_in(loans: list[Loan], matter: Matter) -> str:
    for loan in loans:
        if loan.lent_by.pk == matter.requested_by_id:
            return said(
                "You stand in for {lender}, who entered this request. Somebody else must decide.", lender=loan.lent_by
            )
    return ""


def has_room(warrant: Warrant, matter: Matter, *, at: datetime) -> bool:
    """Tell whether the day of everybody whose limit binds still holds this amount."""
    category, currency = matter.category, matter.amount.currency
    return all(
        signed_today(person, category=category, currency=currency, at=at) + matter.amount.minor <= limit.daily_minor
        for person, limit in warrant.limits
    )


def _own(user: User, matter: Matter) -> Warrant | NotPermitted:
    amount = matter.amount
    if matter.team_id not in team_ids_of(user):
        return NotPermitted("not_permitted", said("You do not work for this team."))
    limit = limit_for(user, team_id=matter.team_id, category=matter.category, currency=amount.currency)
    if limit is None:
        what = in_a_sentence(matter.category)
        return NotPermitted(
            "over_authority",
            said("You have no authority for a {what} in {currency}.", what=what, currency=amount.currency),
        )
    if amount.minor > limit.single_minor:
        allowed = Money(limit.single_minor, amount.currency)
        return NotPermitted(
            "over_authority", said("You may approve up to {allowed}; this is {amount}.", allowed=allowed, amount=amount)
        )
    if matter.open_roles is not None and not matter.open_roles & user.role_names:
        return NotPermitted("not_permitted", _waits_for(matter.open_roles))
    return Warrant(limit.single_minor, ((user, limit),), user.role_names)


def _lent(user: User, loan: Loan, matter: Matter, at: datetime) -> Warrant | None:
    """Answer what acting for the lender allows; None when it does not reach this matter, or the lender may not sign."""
    lender, currency = loan.lent_by, matter.amount.currency
    most = _single_minor([user, lender], loan, matter.team_id, matter.category, currency)
    if most is None or matter.amount.minor > most or matter.team_id not in team_ids_of(user):
        return None
    if matter.open_roles is not None and not matter.open_roles & lender.role_names:
        return None
    if conflict_of(lender, matter) or decided_before(lender, matter) or _stands_in(loans_of(lender, at=at), matter):
        return None
    limits = [
        (person, limit)
        for person in (user, lender)
        if (limit := limit_for(person, team_id=matter.team_id, category=matter.category, currency=currency))
    ]
    return Warrant(most, tuple(limits), lender.role_names, loan)


def _waits_for(roles: frozenset[str]) -> str:
    named = "” or “".join(sorted(roles))
    return said("This waits for somebody with the role “{role}”.", role=named)


def matter_of(route: ApprovalRoute) -> Matter:
    """Tell what a route wants signed."""
    return Matter(
        subject=route.subject,
        requested_by_id=route.requested_by_id,
        reviewed_by_id=route.reviewed_by_id,
        team_id=route.team_id,
        category=route.category,
        amount=route.amount,
        open_roles=frozenset(route.open_roles),
    )


def why_not_decide(user: User, route: ApprovalRoute, *, at: datetime) -> str:
    """Say in a sentence why this person may not decide on this route; empty when she may."""
    matter = matter_of(route)
    try:
        warrant_for(user, matter, at=at)
    except NotPermitted as no:
        return no.detail
    return DECIDED_BEFORE if decided_before(user, matter) else ""
