"""The shadow report, summed by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.vocabulary import RouteState
from config.kernel.money import Money
from config.kernel.subjects import Subject
from policies.shadow import Watch, cells, page_after, trial_of, usual_window
from policies.shadow_figures import Agreed, Tally, agreed_by_category, agreed_by_day, agreed_in, tallies
from policies.vocabulary import VersionState
from tests.harness.world import NOON
from tests.policies.decisions import KIND, beside, edition, facts_of, in_shadow, kept, signed

if TYPE_CHECKING:
    from policies.models import PolicyDecision, PolicyVersion
    from policies.shadow import Cell
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

TODAY = NOON.date()
EVERYTHING = TODAY - timedelta(days=29), TODAY
APPROVED, DECLINED, OPEN, CLOSED = RouteState.APPROVED, RouteState.DECLINED, RouteState.OPEN, RouteState.CLOSED


class Told(NamedTuple):
    """A case: how much, how people answered and for how much each, how many days ago, and whether it came too late."""

    minor: int
    currency: str
    answer: RouteState | None
    signed: tuple[int, ...] = ()
    days_ago: int = 0
    late: bool = False


CASES = (
    # The SaaS policy: up to EUR 500.00 automatic, up to EUR 25,000.00 with approval, above it blocked.
    Told(10_00, "EUR", APPROVED, (10_00,)),  # allow, agrees
    Told(20_00, "EUR", APPROVED, (20_00, 20_00)),  # allow, agrees
    Told(30_00, "EUR", APPROVED, (30_00, 25_00)),  # allow, in part: the second signed for less
    Told(40_00, "EUR", DECLINED),  # allow, disagrees
    Told(50_00, "EUR", OPEN),  # allow, undecided
    Told(45_00, "EUR", None),  # allow, nobody was asked
    Told(15_00, "EUR", CLOSED),  # allow, ended without an answer
    Told(1_000_00, "EUR", APPROVED, (1_000_00,)),  # ask
    Told(2_000_00, "EUR", DECLINED),  # ask
    Told(12_00, "EUR", APPROVED, (12_00,), late=True),  # refer
    Told(9_000_000_00, "EUR", DECLINED),  # block, agrees
    Told(8_000_000_00, "EUR", APPROVED, (8_000_000_00,)),  # block, disagrees
    Told(7_000_000_00, "EUR", APPROVED, (1_00,)),  # block, disagrees although for less
    Told(10_00, "EUR", APPROVED, (10_00,), days_ago=1),  # allow, agrees, a day before
    Told(11_00, "EUR", DECLINED, days_ago=1),  # allow, disagrees, a day before
)


def told(world: World, case: Told) -> PolicyDecision:
    """Let a case happen."""
    decision = kept(
        world.policy("eu-saas"),
        facts_of(
            case.minor,
            currency=case.currency,
            days_since_delivery=4000 if case.late else 1,
            reason="billing_error" if not case.late else "changed_mind",
        ),
        at=NOON - timedelta(days=case.days_ago),
    )
    if case.answer is not None:
        signed(decision, state=case.answer, amounts=case.signed)
    return decision


@pytest.fixture
def cases(world: World) -> list[PolicyDecision]:
    return [told(world, case) for case in CASES]


def watched(world: World, version: PolicyVersion | None = None, **words: object) -> Watch:
    from_on, to_on = EVERYTHING
    policy = (version or world.policy("eu-saas")).policy
    return Watch(**{"policy": policy, "version": version, "from_on": from_on, "to_on": to_on, **words})  # type: ignore[arg-type]


def euros(count: int, minor: int) -> Tally:
    return Tally(count, Money(minor, "EUR"))


def by_outcome(found: list[Cell], currency: str = "EUR") -> dict[str, Tally]:
    return {column: tally for (_, column), tally in tallies(found, currency, lambda cell: ("", cell.outcome)).items()}


@pytest.mark.usefixtures("cases")
class TestAPolicyInShadow:
    def test_would_have_done_as_summed_by_hand(self, world: World) -> None:
        assert by_outcome(cells(watched(world))) == {
            "allow": euros(9, 10_00 + 20_00 + 30_00 + 40_00 + 50_00 + 45_00 + 15_00 + 10_00 + 11_00),
            "require_approval": euros(2, 1_000_00 + 2_000_00),
            "exception": euros(1, 12_00),
            "block": euros(3, 9_000_000_00 + 8_000_000_00 + 7_000_000_00),
        }

    def test_agrees_with_people_as_counted_by_hand(self, world: World) -> None:
        agreed = agreed_in(cells(watched(world)))

        # Agrees: 10, 20, 9 million, and 10 the day before. In part: 30. Disagrees: 40, 8 and 7 million, 11.
        assert agreed == Agreed(agrees=4, in_part=1, disagrees=4, undecided=3, no_claim=3)
        assert (agreed.decided, agreed.rate) == (9, "44.4")

    def test_agrees_day_by_day(self, world: World) -> None:
        days = {day.day: day.agreed for day in agreed_by_day(cells(watched(world)))}

        assert days == {
            date(2026, 11, 19): Agreed(agrees=1, disagrees=1),
            date(2026, 11, 20): Agreed(agrees=3, in_part=1, disagrees=3, undecided=3, no_claim=3),
        }
        assert days[date(2026, 11, 19)].rate == "50.0"

    def test_says_what_people_did_with_each(self, world: World) -> None:
        found = tallies(cells(watched(world)), "EUR", lambda cell: (cell.outcome, cell.people))

        assert found["allow", "approved"] == euros(3, 40_00)
        assert found["allow", "lowered"] == euros(1, 30_00)
        assert found["allow", "declined"] == euros(2, 51_00)
        assert found["allow", "open"] == euros(1, 50_00)
        assert found["allow", "ended"] == euros(1, 15_00)
        assert found["allow", "nobody"] == euros(1, 45_00)
        assert found["block", "lowered"] == euros(1, 7_000_000_00)
        assert ("block", "open") not in found

    def test_counts_a_case_once_by_its_latest_verdict(self, world: World, cases: list[PolicyDecision]) -> None:
        before = agreed_in(cells(watched(world)))
        first = cases[0]
        kept(
            world.policy("eu-saas"),
            facts_of(600_00, currency="EUR", reason="billing_error", days_since_delivery=1),
            at=NOON + timedelta(hours=1),
            subject_id=first.subject_id,
        )

        found = cells(watched(world))

        assert sum(cell.count for cell in found) == len(CASES)
        assert agreed_in(found).agrees == before.agrees - 1

    def test_never_adds_currencies_up(self, world: World) -> None:
        kept(world.policy("eu-saas"), facts_of(10_00, currency="USD", reason="billing_error"))

        found = cells(watched(world))

        assert sum(tally.count for tally in by_outcome(found, "USD").values()) == 1
        assert sum(tally.count for tally in by_outcome(found).values()) == len(CASES)
        assert all(tally.money.currency == "USD" for tally in by_outcome(found, "USD").values())

    def test_leaves_out_what_gated_what_was_tried_and_what_was_elsewhere(self, world: World) -> None:
        saas = world.policy("eu-saas")
        kept(saas, facts_of(10_00, currency="EUR"), mode="enforce")
        kept(in_shadow(world, team="eu-saas"), facts_of(10_00, currency="EUR"), is_trial=True)
        kept(world.policy("us-dtc"), facts_of(10_00, currency="USD"))
        kept(saas, facts_of(10_00, currency="EUR"), at=NOON - timedelta(days=30))

        assert sum(cell.count for cell in cells(watched(world))) == len(CASES)

    def test_takes_the_whole_of_its_first_and_its_last_day(self, world: World) -> None:
        midnight = NOON.replace(hour=0)
        day = TODAY - timedelta(days=10)
        for at in (timedelta(microseconds=-1), timedelta(), timedelta(hours=23), timedelta(days=1)):
            kept(world.policy("eu-saas"), facts_of(10_00, currency="EUR"), at=midnight - timedelta(days=10) + at)

        assert sum(cell.count for cell in cells(watched(world, from_on=day, to_on=day))) == 2

    def test_has_rows_behind_every_figure(self, world: World) -> None:
        found = cells(watched(world))
        for cell in found:
            words = {name: getattr(cell, name) for name in ("outcome", "people", "agreement", "category", "currency")}

            rows = list(watched(world, day=cell.day, **words).rows())

            assert sum(row.amount_minor for row in rows) == cell.minor
            assert len(rows) == cell.count

    def test_is_counted_in_one_query(self, world: World) -> None:
        watch = watched(world)
        with CaptureQueriesContext(connection) as asked:
            cells(watch)

        assert len(asked) == 1

    def test_is_leafed_through_without_a_gap(self, world: World, cases: list[PolicyDecision]) -> None:
        seen: list[PolicyDecision] = []
        last = None
        while True:
            shown = page_after(watched(world), last, 4)
            seen += shown[:4]
            if len(shown) <= 4:
                break
            last = seen[-1].pk

        assert len(seen) == len({row.pk for row in seen}) == len(cases)
        assert seen == sorted(seen, key=lambda row: (row.decided_at, row.pk), reverse=True)


class TestAVersionInShadow:
    def test_is_compared_with_people_and_with_the_version_in_force(self, world: World) -> None:
        shadow = in_shadow(world, since=NOON - timedelta(days=1), auto_up_to_minor=100_00)
        in_force = world.policy()
        for minor, answer in ((40_00, None), (60_00, APPROVED), (70_00, DECLINED), (200_00, APPROVED)):
            decision = kept(in_force, facts_of(minor), mode="enforce")
            beside(decision, shadow)
            if answer is not None:
                signed(decision, state=answer)

        found = cells(watched(world, shadow))

        assert tallies(found, "GBP", lambda cell: (cell.in_force, cell.outcome)) == {
            ("allow", "allow"): Tally(1, Money(40_00, "GBP")),
            ("require_approval", "allow"): Tally(2, Money(130_00, "GBP")),
            ("require_approval", "require_approval"): Tally(1, Money(200_00, "GBP")),
        }
        assert agreed_in(found) == Agreed(agrees=1, disagrees=1, undecided=1, no_claim=1)
        assert agreed_by_category(found) == {"refund": agreed_in(found)}

    def test_answers_for_its_own_edition_alone(self, world: World) -> None:
        shadow = in_shadow(world, since=NOON)
        decision = kept(world.policy(), facts_of(10_00), at=NOON - timedelta(hours=1))
        beside(decision, shadow)

        assert cells(watched(world, shadow)) == []

    def test_has_said_nothing_before_it_was_in_shadow(self, world: World) -> None:
        draft = edition(world, world.policy().document, VersionState.DRAFT)

        assert cells(watched(world, draft)) == []


class TestTrialOf:
    def test_is_what_the_version_in_shadow_now_said_last(self, world: World) -> None:
        decision = kept(world.policy(), facts_of(60_00))
        subject = Subject(KIND, decision.subject_id)
        assert trial_of(subject) is None

        trial = beside(decision, in_shadow(world, auto_up_to_minor=100_00))

        assert trial_of(subject) == trial

    def test_is_nothing_once_the_shadow_is_over(self, world: World) -> None:
        decision = kept(world.policy(), facts_of(60_00))
        beside(decision, edition(world, world.policy().document, VersionState.DRAFT))

        assert trial_of(Subject(KIND, decision.subject_id)) is None


class TestUsualWindow:
    @pytest.mark.parametrize(
        ("asked", "window"),
        [
            ((None, None), (date(2026, 10, 22), date(2026, 11, 20))),
            ((date(2026, 11, 1), None), (date(2026, 11, 1), date(2026, 11, 20))),
            ((None, date(2026, 1, 31)), (date(2026, 1, 2), date(2026, 1, 31))),
            ((date(2026, 12, 1), date(2026, 11, 1)), (date(2026, 10, 3), date(2026, 11, 1))),
            ((date(2000, 1, 1), date(2026, 11, 20)), (date(2025, 11, 20), date(2026, 11, 20))),
            ((date.min, date.min), (date(2000, 1, 2), date(2001, 1, 1))),
            ((date.min, date.max), (date(9997, 12, 31), date(9998, 12, 31))),
            ((date.max, date.max), (date(9998, 12, 2), date(9998, 12, 31))),
        ],
    )
    def test_can_always_be_read(self, asked: tuple[date | None, date | None], window: tuple[date, date]) -> None:
        assert usual_window(TODAY, *asked) == window


class TestTheRate:
    @pytest.mark.parametrize(
        ("agreed", "rate"),
        [
            (Agreed(), ""),
            (Agreed(undecided=5, no_claim=5), ""),
            (Agreed(agrees=1), "100.0"),
            (Agreed(disagrees=3), "0.0"),
            (Agreed(agrees=2, in_part=1), "66.7"),
            (Agreed(agrees=1, disagrees=1_999), "0.1"),
        ],
    )
    def test_is_in_whole_numbers_all_the_way(self, agreed: Agreed, rate: str) -> None:
        assert agreed.rate == rate
