"""Authority that is lent: who may lend what to whom, who answers, who ends it, and to which second it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group

from approvals.delegation_rules import Offer
from approvals.lending import loans_of
from approvals.models import Absence, AuthorityLimit, Delegation
from approvals.services.absences import enter_absence, remove_absence
from approvals.services.absences import subject_of as absence_subject
from approvals.services.delegating import (
    accept_delegation,
    decline_delegation,
    end_delegation,
    offer_delegation,
    subject_of,
)
from approvals.vocabulary import DelegationState
from config.kernel.money import Money
from config.kernel.people import User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from tests.harness.people import by_decree, fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def offered(lender: User, to: User, **changes: Any) -> Delegation:
    """Offer for a day from now on."""
    words: dict[str, Any] = {"lent_to": fresh(to), "from_at": NOON, "until_at": NOON + DAY, **changes}
    return offer_delegation(offer=Offer(**words), actor=fresh(lender), at=NOON)


def lent(lender: User, to: User, **changes: Any) -> Delegation:
    """Offer, and accept at once."""
    delegation = offered(lender, to, **changes)
    return accept_delegation(delegation_id=delegation.pk, actor=fresh(to), at=NOON)


def kinds(delegation: Delegation) -> Sequence[str]:
    """List what the ledger says of it."""
    return [entry.kind for entry in timeline_of(subject_of(delegation))]


class TestAnOffer:
    def test_binds_nobody_before_it_is_accepted(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana, categories=("refund",), ceiling=Money(300_00, "GBP"), why="On leave.")

        assert delegation.state == DelegationState.OFFERED
        assert loans_of(fresh(dana), at=NOON) == []
        assert (delegation.single_minor, delegation.currency, delegation.categories) == (300_00, "GBP", ["refund"])

    def test_is_on_record_with_its_terms(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana, teams=(world.team(),))

        (entry,) = timeline_of(subject_of(delegation))
        assert (entry.kind, entry.actor) == ("delegation.offered", viktor)
        assert entry.sentence == ("offered Dana to sign in this name, 20 Nov 2026 12:00 UTC to 21 Nov 2026 12:00 UTC.")
        assert '"teams":["uk-retail"]' in entry.payload

    @pytest.mark.parametrize("username", ["amir", "mei", "lena", "root", "bot", "nobody"])
    def test_is_made_by_nobody_who_signs_for_nothing(self, world: World, dana: User, username: str) -> None:
        with refused(NotPermitted, "not_permitted"):
            offered(settle(username), dana)

    @pytest.mark.parametrize("username", ["amir", "mei", "lena", "ada", "bot", "nobody", "viktor"])
    def test_is_made_to_nobody_who_signs_for_nothing_nor_to_oneself(
        self, world: World, viktor: User, username: str
    ) -> None:
        with refused(Refused, "refused"):
            offered(viktor, settle(username))
        assert not Delegation.objects.exists()

    def test_is_not_made_to_somebody_who_left(self, world: World, viktor: User, dana: User) -> None:
        User.objects.filter(pk=dana.pk).update(is_active=False)

        with pytest.raises(Refused) as no:
            offered(viktor, dana)
        assert no.value.reasons[0].field == "to"

    @pytest.mark.parametrize(
        ("start", "end", "field"),
        [
            (DAY, DAY, "until_at"),
            (DAY, HOUR, "until_at"),
            (-2 * DAY, -DAY, "until_at"),
            (-DAY, timedelta(0), "until_at"),
            (timedelta(0), timedelta(days=90) + SECOND, "until_at"),
        ],
    )
    def test_has_a_sane_time(
        self, world: World, viktor: User, dana: User, start: timedelta, end: timedelta, field: str
    ) -> None:
        with pytest.raises(Refused) as no:
            offered(viktor, dana, from_at=NOON + start, until_at=NOON + end)
        assert [reason.field for reason in no.value.reasons] == [field]

    def test_may_run_for_ninety_days(self, world: World, viktor: User, dana: User) -> None:
        assert offered(viktor, dana, until_at=NOON + timedelta(days=90)).state == "offered"

    def test_names_only_teams_both_work_for(self, world: World, viktor: User, dana: User) -> None:
        assign_to_teams(user=dana, teams=[world.team("us-dtc")])

        with pytest.raises(Refused, match="Dana does not work for uk-retail") as no:
            offered(viktor, dana, teams=(world.team("uk-retail"), world.team("us-dtc")))
        assert [reason.field for reason in no.value.reasons] == ["teams"]

    def test_wants_a_team_in_common(self, world: World, viktor: User, dana: User) -> None:
        assign_to_teams(user=viktor, teams=[world.team("uk-retail")])
        assign_to_teams(user=dana, teams=[world.team("us-dtc")])

        with pytest.raises(Refused, match="none of the teams"):
            offered(viktor, dana)

    def test_is_never_above_the_lenders_own_limit(self, world: World, viktor: User, dana: User) -> None:
        assert offered(viktor, dana, ceiling=Money(5_000_00, "GBP")).single_minor == 5_000_00

        with pytest.raises(Refused, match=r"up to £5,000\.00; lend no more") as no:
            offered(viktor, dana, ceiling=Money(5_000_01, "GBP"))
        assert {reason.field for reason in no.value.reasons} == {"single_minor"}

    def test_is_measured_in_every_team_it_names(self, world: World, viktor: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.create(
                user=viktor,
                team=world.team(),
                category="refund",
                currency="GBP",
                single_minor=100_00,
                daily_minor=100_00,
            )

        assert offered(viktor, dana, teams=(world.team("us-dtc"),), ceiling=Money(200_00, "GBP")).single_minor == 200_00
        with pytest.raises(Refused, match=r"in uk-retail up to £100\.00"):
            offered(viktor, dana, ceiling=Money(200_00, "GBP"))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"ceiling": Money(0, "GBP")}, "single_minor"),
            ({"ceiling": Money(-1, "GBP")}, "single_minor"),
            ({"ceiling": Money(1, "XXZ")}, "currency"),
            ({"ceiling": Money(1, "JPY")}, "currency"),
            ({"ceiling": Money(1, "GBP"), "categories": ("payout",)}, "single_minor"),
            ({"categories": ("laundry",)}, "categories"),
            ({"why": "x" * 401}, "why"),
            ({"why": "Card 4242 4242 4242 4242"}, "why"),
        ],
    )
    def test_names_the_field_that_cannot_be(
        self, world: World, viktor: User, dana: User, changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refused) as no:
            offered(viktor, dana, **changes)
        assert field in {reason.field for reason in no.value.reasons}
        assert not Delegation.objects.exists()


class TestAnAnswer:
    def test_is_given_by_the_colleague_alone(self, world: World, viktor: User, dana: User, vera: User) -> None:
        delegation = offered(viktor, dana)

        for stranger in (viktor, vera, settle("root")):
            for answer in (accept_delegation, decline_delegation):
                with refused(NotPermitted, "not_permitted"):
                    answer(delegation_id=delegation.pk, actor=fresh(stranger), at=NOON)

    def test_yes_puts_it_in_force(self, world: World, viktor: User, dana: User) -> None:
        delegation = lent(viktor, dana)

        (loan,) = loans_of(fresh(dana), at=NOON)
        assert (loan.lent_by, loan.until_at) == (viktor, NOON + DAY)
        assert kinds(delegation) == ["delegation.offered", "delegation.accepted"]

    def test_no_ends_the_matter(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)
        decline_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)

        with refused(OutOfDate, "out_of_date"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)
        assert loans_of(fresh(dana), at=NOON) == []
        assert kinds(delegation)[-1] == "delegation.declined"

    def test_comes_too_late_once_the_time_is_over(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)

        with refused(OutOfDate, "out_of_date"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON + DAY)
        assert accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON + DAY - SECOND).answered_at

    def test_is_refused_when_one_of_them_lost_the_role(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)
        give_roles(user=viktor, roles=["agent"])

        with refused(Refused, "refused"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)

    def test_is_refused_when_their_roles_exclude_each_other(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)
        dana.groups.add(Group.objects.get(name="finance"))

        with pytest.raises(Refused, match="Who approves money does not send it"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)
        with pytest.raises(Refused, match="Who approves money does not send it"):
            offered(viktor, dana)

    def test_is_refused_when_the_lender_may_less_than_she_offered(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana, ceiling=Money(5_000_00, "GBP"))
        with by_decree():
            AuthorityLimit.objects.filter(user=viktor).update(single_minor=4_999_99)

        with refused(Refused, "refused"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)

    def test_is_refused_for_a_second_one_at_the_same_time(self, world: World, viktor: User, dana: User) -> None:
        other = offered(viktor, dana, from_at=NOON + HOUR)
        after = offered(viktor, dana, from_at=NOON + DAY, until_at=NOON + 2 * DAY)
        lent(viktor, dana)

        with pytest.raises(Refused, match="in force already"):
            accept_delegation(delegation_id=other.pk, actor=fresh(dana), at=NOON)
        with pytest.raises(Refused, match="in force already"):
            offered(viktor, dana)
        assert accept_delegation(delegation_id=after.pk, actor=fresh(dana), at=NOON).state == "accepted"

    def test_may_be_yes_to_several_lenders(self, world: World, viktor: User, vera: User, dana: User) -> None:
        lent(viktor, dana)
        lent(vera, dana)

        assert [loan.lent_by for loan in loans_of(fresh(dana), at=NOON)] == [viktor, vera]


class TestTheEnd:
    @pytest.mark.parametrize("username", ["viktor", "dana", "root"])
    def test_is_made_by_either_side_or_an_administrator(
        self, world: World, viktor: User, dana: User, username: str
    ) -> None:
        delegation = lent(viktor, dana)

        end_delegation(delegation_id=delegation.pk, actor=settle(username), at=NOON + HOUR)

        delegation.refresh_from_db()
        assert (delegation.state, delegation.ended_at) == (DelegationState.ENDED, NOON + HOUR)
        assert loans_of(fresh(dana), at=NOON + HOUR) == []
        assert kinds(delegation)[-1] == "delegation.ended"

    def test_takes_an_offer_back(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)
        end_delegation(delegation_id=delegation.pk, actor=fresh(viktor), at=NOON)

        with refused(OutOfDate, "out_of_date"):
            accept_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)

    @pytest.mark.parametrize("username", ["vera", "ada", "lena"])
    def test_is_made_by_nobody_else(self, world: World, viktor: User, dana: User, username: str) -> None:
        delegation = lent(viktor, dana)

        with refused(NotPermitted, "not_permitted"):
            end_delegation(delegation_id=delegation.pk, actor=settle(username), at=NOON)

    def test_comes_once(self, world: World, viktor: User, dana: User) -> None:
        delegation = lent(viktor, dana)
        end_delegation(delegation_id=delegation.pk, actor=fresh(dana), at=NOON)

        with refused(OutOfDate, "out_of_date"):
            end_delegation(delegation_id=delegation.pk, actor=fresh(viktor), at=NOON)

    def test_needs_no_verb_when_the_time_is_over(self, world: World, viktor: User, dana: User) -> None:
        delegation = lent(viktor, dana)

        with refused(OutOfDate, "out_of_date"):
            end_delegation(delegation_id=delegation.pk, actor=fresh(viktor), at=NOON + DAY)


class TestTheTime:
    @pytest.mark.parametrize(
        ("moment", "is_in_force"),
        [(HOUR - SECOND, False), (HOUR, True), (DAY - SECOND, True), (DAY, False), (DAY + SECOND, False)],
    )
    def test_is_kept_to_the_second(
        self, world: World, viktor: User, dana: User, moment: timedelta, *, is_in_force: bool
    ) -> None:
        lent(viktor, dana, from_at=NOON + HOUR)

        assert bool(loans_of(fresh(dana), at=NOON + moment)) is is_in_force

    def test_is_kept_by_what_was_asked_earlier(self, world: World, viktor: User, dana: User) -> None:
        lent(viktor, dana)
        signer = fresh(dana)

        assert loans_of(signer, at=NOON + DAY - SECOND)
        assert loans_of(signer, at=NOON + DAY) == []


class TestAnAbsence:
    def test_is_entered_and_removed_on_record(self, world: World, dana: User) -> None:
        absence = enter_absence(
            user=dana, from_at=NOON, until_at=NOON + DAY, note="Dentist", actor=fresh(dana), at=NOON
        )
        subject = absence_subject(absence)
        remove_absence(absence_id=absence.pk, actor=fresh(dana), at=NOON)

        assert [entry.kind for entry in timeline_of(subject)] == ["absence.entered", "absence.removed"]
        assert not Absence.objects.exists()

    def test_of_a_colleague_is_entered_by_an_administrator_alone(
        self, world: World, dana: User, viktor: User, root: User
    ) -> None:
        with refused(NotPermitted, "not_permitted"):
            enter_absence(user=dana, from_at=NOON, until_at=NOON + DAY, note="", actor=viktor, at=NOON)

        absence = enter_absence(user=dana, from_at=NOON, until_at=NOON + DAY, note="", actor=root, at=NOON)
        with refused(NotPermitted, "not_permitted"):
            remove_absence(absence_id=absence.pk, actor=viktor, at=NOON)
        assert absence.entered_by == root

    @pytest.mark.parametrize(
        ("start", "end", "note", "field"),
        [
            (DAY, DAY, "", "until_at"),
            (-2 * DAY, timedelta(0), "", "until_at"),
            (timedelta(0), timedelta(days=367), "", "until_at"),
            (timedelta(0), DAY, "x" * 201, "note"),
        ],
    )
    def test_has_a_sane_time(
        self, world: World, dana: User, start: timedelta, end: timedelta, note: str, field: str
    ) -> None:
        with pytest.raises(Refused) as no:
            enter_absence(user=dana, from_at=NOON + start, until_at=NOON + end, note=note, actor=dana, at=NOON)
        assert [reason.field for reason in no.value.reasons] == [field]

    def test_takes_no_right_away(self, world: World, viktor: User, dana: User) -> None:
        enter_absence(user=viktor, from_at=NOON, until_at=NOON + DAY, note="", actor=viktor, at=NOON)
        lent(viktor, dana)

        assert [loan.lent_by for loan in loans_of(fresh(dana), at=NOON)] == [viktor]
