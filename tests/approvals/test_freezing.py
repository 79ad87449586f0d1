"""Switches: who sets and lifts them, with which words, and what they keep of what they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from approvals.freezing import Frozen, Undertaking, check_not_frozen, note_stop
from approvals.models import FreezeStop, FreezeSwitch
from approvals.services.freezes import Target, lift_freeze, set_freeze, subject_of
from approvals.standing_freezes import freezes_over, stopped_by, visible_to
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from tests.harness.people import fresh
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

WHY = "A wave of odd refunds; we look first."
EVERYTHING = Target(scope="everything")


def undertaking(world: World, *, minor: int = 100_00, currency: str = "GBP", agent: User | None = None) -> Undertaking:
    return Undertaking(
        verb="approve",
        subject=Subject("refund_request", new_id()),
        reference="RR-TEST",
        page="/requests/RR-TEST/",
        team_id=world.team().pk,
        category="refund",
        amount=Money(minor, currency),
        agent_ids=frozenset({agent.pk} if agent is not None else set()),
        actor=agent,
    )


class TestSetFreeze:
    def test_is_on_record_with_person_time_and_reason(self, world: World, lena: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)

        assert (switch.set_by, switch.set_at, switch.why, switch.lifted_at) == (lena, NOON, WHY, None)
        (entry,) = timeline_of(subject_of(switch))
        assert (entry.kind, entry.actor, entry.sentence) == ("freeze_switch.set", lena, "froze everything.")

    @pytest.mark.parametrize("why", ["", "too short", "   wave    ", "x" * 401])
    def test_wants_a_reason_somebody_can_read(self, world: World, lena: User, why: str) -> None:
        with refused(Refused, "invalid"):
            set_freeze(target=EVERYTHING, why=why, actor=lena, at=NOON)
        assert not FreezeSwitch.objects.exists()

    def test_is_refused_without_the_right(self, world: World, dana: User, amir: User, ada: User) -> None:
        for person in (dana, amir, ada):
            with refused(NotPermitted, "not_permitted"):
                set_freeze(target=EVERYTHING, why=WHY, actor=person, at=NOON)

    def test_is_refused_for_what_is_frozen(self, world: World, lena: User, root: User) -> None:
        set_freeze(target=Target(scope="team", team=world.team()), why=WHY, actor=lena, at=NOON)
        with refused(OutOfDate, "already_frozen"):
            set_freeze(target=Target(scope="team", team=world.team()), why=WHY, actor=root, at=NOON)

    def test_is_refused_for_a_scope_that_names_nothing_or_too_much(self, world: World, lena: User, amir: User) -> None:
        wrong = [
            (Target(scope="agent"), "refused"),
            (Target(scope="team"), "refused"),
            (Target(scope="category"), "refused"),
            (Target(scope="everything", agent=amir), "refused"),
            (Target(scope="category", category="lottery"), "invalid"),
            (Target(scope="galaxy"), "invalid"),
        ]
        for target, code in wrong:
            with refused(Refused, code):
                set_freeze(target=target, why=WHY, actor=lena, at=NOON)

    def test_is_refused_for_a_team_one_does_not_work_for(self, world: World, luis: User) -> None:
        with refused(Refused, "unknown_team"):
            set_freeze(target=Target(scope="team", team=world.team("us-dtc")), why=WHY, actor=luis, at=NOON)


class TestLiftFreeze:
    def test_keeps_the_switch_as_history(self, world: World, lena: User, root: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)

        lift_freeze(switch_id=switch.pk, why="It was a test of the alarm.", actor=root, at=NOON)

        stored = FreezeSwitch.objects.get(pk=switch.pk)
        assert (stored.lifted_by, stored.lifted_at, stored.lifted_why) == (root, NOON, "It was a test of the alarm.")
        assert [entry.kind for entry in timeline_of(subject_of(switch))] == [
            "freeze_switch.set",
            "freeze_switch.lifted",
        ]
        check_not_frozen(undertaking(world))

    def test_wants_a_reason_too(self, world: World, lena: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        with refused(Refused, "invalid"):
            lift_freeze(switch_id=switch.pk, why="ok", actor=lena, at=NOON)
        assert FreezeSwitch.objects.get().lifted_at is None

    def test_is_refused_to_the_frozen_person_herself(self, world: World, lena: User, root: User) -> None:
        switch = set_freeze(target=Target(scope="agent", agent=lena), why=WHY, actor=root, at=NOON)
        with refused(NotPermitted, "own_freeze"):
            lift_freeze(switch_id=switch.pk, why=WHY, actor=fresh(lena), at=NOON)

    def test_is_refused_without_the_right(self, world: World, lena: User, vera: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        with refused(NotPermitted, "not_permitted"):
            lift_freeze(switch_id=switch.pk, why=WHY, actor=vera, at=NOON)

    def test_is_refused_the_second_time(self, world: World, lena: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        lift_freeze(switch_id=switch.pk, why=WHY, actor=lena, at=NOON)
        with refused(OutOfDate, "out_of_date"):
            lift_freeze(switch_id=switch.pk, why=WHY, actor=lena, at=NOON)

    def test_does_not_find_the_switch_of_a_strange_team(self, world: World, lena: User, luis: User) -> None:
        switch = set_freeze(target=Target(scope="team", team=world.team("us-dtc")), why=WHY, actor=lena, at=NOON)
        with pytest.raises(FreezeSwitch.DoesNotExist):
            lift_freeze(switch_id=switch.pk, why=WHY, actor=luis, at=NOON)

    def test_lets_the_same_be_frozen_again(self, world: World, lena: User) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        lift_freeze(switch_id=switch.pk, why=WHY, actor=lena, at=NOON)
        again = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        assert again.pk != switch.pk


class TestWhatIsStopped:
    def test_says_why_who_and_when(self, world: World, lena: User) -> None:
        set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        with pytest.raises(Frozen) as no:
            check_not_frozen(undertaking(world))
        assert no.value.code == "frozen"
        assert no.value.detail == f"Everything is frozen by Lena since 12:00 UTC on 20 November 2026: {WHY}"

    def test_is_kept_once_for_each_switch_subject_and_verb(self, world: World, lena: User) -> None:
        switches = [
            set_freeze(target=target, why=WHY, actor=lena, at=NOON)
            for target in (EVERYTHING, Target(scope="category", category="refund"))
        ]
        stopped = undertaking(world)
        with pytest.raises(Frozen) as no:
            check_not_frozen(stopped)

        for _ in range(3):
            note_stop(no.value.switches, no.value.undertaking, at=NOON)

        assert set(FreezeStop.objects.values_list("switch", flat=True)) == {switch.pk for switch in switches}
        assert FreezeStop.objects.count() == 2

    def test_is_summed_for_each_currency_and_only_in_teams_of_the_viewer(
        self, world: World, lena: User, asha: User, luis: User
    ) -> None:
        switch = set_freeze(target=EVERYTHING, why=WHY, actor=lena, at=NOON)
        for minor, currency in ((100_00, "GBP"), (50_00, "GBP"), (7_00, "USD")):
            note_stop([switch], undertaking(world, minor=minor, currency=currency), at=NOON)

        seen = stopped_by([switch], luis)[switch.pk]
        assert [(one.count, str(one.amount)) for one in seen.sums] == [(2, "£150.00"), (1, "US$7.00")]
        assert len(seen.latest) == seen.count == 3
        assert stopped_by([switch], asha)[switch.pk].count == 0

    def test_is_known_to_whoever_it_stops(self, world: World, lena: User, asha: User, amir: User, root: User) -> None:
        set_freeze(target=Target(scope="team", team=world.team("uk-retail")), why=WHY, actor=lena, at=NOON)
        mine = set_freeze(target=Target(scope="agent", agent=asha), why=WHY, actor=lena, at=NOON)

        assert [switch.pk for switch in freezes_over(asha)] == [mine.pk]
        assert [switch.scope for switch in freezes_over(amir)] == ["team"]
        assert visible_to(root).count() == 2
        assert visible_to(amir).count() == 0
