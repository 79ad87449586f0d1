"""What is lent and who is away, as its page and the API list it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from config.kernel.people import Team, User, people_of, team_ids_of
from config.kernel.wording import said, said_as

from .delegation_rules import may_be_party
from .lending import SIGNS
from .models import Absence, ApprovalRoute, Delegation, Involvement
from .roles import ROLES
from .vocabulary import DelegationState, RouteState

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

SEES = "approvals.view_delegation"
ENDS_ANY = "approvals.change_delegation"
SEES_ABSENCES = "approvals.view_absence"
EXPIRES_SOON = timedelta(days=1)
MOST_NAMED = 12

SIGNING_ROLES = sorted(role for role, permissions in ROLES.items() if SIGNS in permissions)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delegation stands at a moment: a word, how loud to say it, and whether it can still be ended."""

    word: str
    tone: str
    is_current: bool


def standing_of(delegation: Delegation, *, at: datetime) -> Standing:
    """Say how it stands: offered, still to begin, in force, in force but not for long, or over."""
    state = DelegationState(delegation.state)
    is_over = delegation.until_at <= at
    if state in {DelegationState.DECLINED, DelegationState.ENDED}:
        return Standing(state.label, "", is_current=False)
    if is_over:
        return Standing(
            said("Never answered") if state == DelegationState.OFFERED else said_as("ended", "Over"),
            "",
            is_current=False,
        )
    if state == DelegationState.OFFERED:
        return Standing(said("Waits for an answer"), "warn", is_current=True)
    if at < delegation.from_at:
        return Standing(said("Accepted"), "info", is_current=True)
    if delegation.until_at - at <= EXPIRES_SOON:
        return Standing(said("Ends soon"), "warn", is_current=True)
    return Standing(said("In force"), "ok", is_current=True)


def visible_delegations(viewer: User) -> QuerySet[Delegation]:
    """Narrow delegations to one's own; auditors and administrators, who lend nothing, see everybody's."""
    if not viewer.has_perm(SEES) or viewer.is_service_account:
        return Delegation.objects.none()
    if sees_everybodys(viewer):
        return _told(Delegation.objects.all())
    return _told(Delegation.objects.filter(Q(lent_by=viewer) | Q(lent_to=viewer)))


def sees_everybodys(viewer: User) -> bool:
    """Tell whether somebody looks after what others lend."""
    return viewer.has_perm(ENDS_ANY) or (viewer.has_perm(SEES) and not may_be_party(viewer))


def own_delegations(viewer: User) -> QuerySet[Delegation]:
    """Select what somebody lent or holds, the latest first."""
    return _told(Delegation.objects.filter(Q(lent_by=viewer) | Q(lent_to=viewer)))


def visible_absences(viewer: User, *, at: datetime) -> QuerySet[Absence]:
    """Select those of the absences somebody may know of that are not over."""
    return recorded_absences(viewer).filter(until_at__gt=at)


def recorded_absences(viewer: User) -> QuerySet[Absence]:
    """Select the absences somebody may know of: one's own, or everybody's for those who look after them."""
    told = Absence.objects.select_related("user", "entered_by").order_by("from_at", "pk")
    return told if viewer.has_perm(SEES_ABSENCES) else told.filter(user=viewer)


def may_hold_for(lender: User) -> QuerySet[User]:
    """Select the colleagues to whom somebody may lend: they sign themselves, and for a team of hers."""
    colleagues = Q(pk__in=[])
    for team in Team.objects.filter(pk__in=team_ids_of(lender)):
        colleagues |= Q(pk__in=people_of(team).values("pk"))
    signing = User.objects.filter(colleagues, groups__name__in=SIGNING_ROLES).exclude(pk=lender.pk)
    return signing.distinct().order_by("first_name", "last_name", "username")


def barred_references(delegation: Delegation) -> list[str]:
    """Name open requests in its reach that its holder may not decide: she or the lender has a part in them."""
    people = [delegation.lent_by_id, delegation.lent_to_id]
    part = Involvement.objects.filter(
        subject_id=OuterRef("subject_id"), subject_kind=OuterRef("subject_kind"), person__in=people
    )
    routes = ApprovalRoute.objects.filter(
        Q(requested_by__in=people) | Q(reviewed_by__in=people) | Q(Exists(part)),
        state=RouteState.OPEN,
        team__in=list(delegation.teams.all()) or team_ids_of(delegation.lent_by) & team_ids_of(delegation.lent_to),
    )
    if delegation.categories:
        routes = routes.filter(category__in=delegation.categories)
    return list(routes.order_by("due_at", "pk").values_list("reference", flat=True)[: MOST_NAMED + 1])


def _told(delegations: QuerySet[Delegation]) -> QuerySet[Delegation]:
    return delegations.select_related("lent_by", "lent_to").prefetch_related("teams").order_by("-from_at", "-pk")
