"""What is large, one act each: editions, modes, machines, erasures, the books and what keeps money back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from approvals.services.service_accounts import open_account, quarantine
from config.kernel.service_accounts import AskingLimit, ServiceAccount
from evidence.models import EvidenceRequirement
from policies import editions, publishing
from policies.models import ModeChange
from policies.vocabulary import ProposalState, VersionState
from refunds.books import periods
from refunds.books.vocabulary import PeriodState
from refunds.breaks import resolving
from refunds.breaks.vocabulary import BreakState
from refunds.erasures.holding import Held, set_legal_hold
from refunds.models import Break, BreakLimit, Erasure, LegalHold, Operation, Period
from refunds.vocabulary import ErasureState
from tests.accounts.acts import WHY, Act
from tests.admin.desk import EXPLAINED, page_of
from tests.admin.test_evidence_map import CHANGE, TYPED
from tests.admin.test_modes import answer_page, proposed
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.policies.editions import emergency, stored, waiting
from tests.refunds.breaks.found import a_break
from tests.refunds.erasures.people import asked_for, customer_called, waiting_of
from tests.refunds.evidence_map.demands import demanded

if TYPE_CHECKING:
    from tests.harness.world import World

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)


def publishes_an_edition(world: World) -> Act:
    version = waiting(world, settle("milo"))
    return Act(
        "mei",
        page_of(version, "publish"),
        lambda: stored(version).state == VersionState.PUBLISHED,
        {"seen": editions.edition_of(version)},
    )


def schedules_an_edition(world: World) -> Act:
    version, moment = waiting(world, settle("milo")), timezone.now() + timedelta(days=2)

    def is_done() -> bool:
        kept = stored(version)
        return kept.state == VersionState.SCHEDULED and kept.publish_at == moment.replace(second=0, microsecond=0)

    words = {"seen": editions.edition_of(version), "publish_at": f"{moment:%Y-%m-%dT%H:%M}"}
    return Act("mei", page_of(version, "publish"), is_done, words)


def puts_an_emergency_in_force(world: World) -> Act:
    version = emergency(world, settle("milo"), settle("mei"))
    return Act(
        "mei",
        page_of(version, "emergency"),
        lambda: stored(version).state == VersionState.PUBLISHED,
        {"seen": editions.edition_of(version)},
    )


def switches_a_mode(world: World) -> Act:
    change = proposed(world, settle("mei"))
    return Act(
        "root",
        answer_page(change, "confirm"),
        lambda: ModeChange.objects.get().state == ProposalState.CONFIRMED,
        {"answer": "The comparison says so."},
    )


def confirms_an_erasure(world: World) -> Act:
    waiting_of(world, customer_called("17850"))
    asked = asked_for(customer_called("17850"))
    return Act(
        "lena",
        reverse("refunds:confirm_erasure", args=[asked.pk]),
        lambda: Erasure.objects.get().state != ErasureState.WAITING,
    )


def lifts_a_legal_hold(world: World) -> Act:
    kept = waiting_of(world, customer_called("17850"))
    hold = set_legal_hold(over=Held(request_id=kept.pk), matter="HC-1", actor=settle("root"), at=NOON)
    return Act(
        "root",
        reverse("refunds:lift_hold", args=[hold.pk]),
        lambda: LegalHold.objects.get().lifted_at is not None,
        {"why": "Settled out of court."},
    )


def signs_a_month(world: World) -> Act:
    month = january()
    return Act(
        "lena",
        reverse("refunds:sign_period", args=[month.pk]),
        lambda: Period.objects.get().state == PeriodState.SIGNED,
        {"note": "A quiet month.", "acknowledged": "statements"},
    )


def agrees_to_open_a_month(world: World) -> Act:
    month = january()
    for name in ("lena", "luis"):
        periods.sign_period(period_id=month.pk, note=WHY, acknowledged=["statements"], actor=settle(name), at=FEBRUARY)
    periods.ask_to_reopen(period_id=month.pk, why=WHY, actor=settle("lena"), at=FEBRUARY)
    return Act(
        "luis",
        reverse("refunds:reopen_period", args=[month.pk]),
        lambda: Period.objects.get().state == PeriodState.OPEN,
    )


def releases_money_that_is_kept(world: World) -> Act:
    version = world.policy()
    draft = publishing.draft_version(
        policy=version.policy,
        document=version.document | {"release_above_minor": {"GBP": 80_00}},
        actor=settle("milo"),
        at=NOON,
        **EXPLAINED,
    )
    publishing.send_to_review(version_id=draft.pk, actor=settle("milo"), at=NOON)
    publishing.publish_version(version_id=draft.pk, actor=settle("mei"), at=NOON)
    world.approved(by=settle("amir"), approver=settle("dana"), pounds=100)
    operation = Operation.objects.get()
    return Act(
        "lena",
        reverse("refunds:release_payments"),
        lambda: not Operation.objects.get().is_unreleased,
        {"operation": str(operation.pk)},
    )


def agrees_to_the_end_of_a_break(world: World) -> Act:
    found = a_break(-5_00)
    resolving.resolve_break(
        break_id=found.pk,
        resolution="write_off",
        note="Too small to look for.",
        actor=settle("lena"),
        at=timezone.now(),
    )
    return Act(
        "luis",
        reverse("refunds:confirm_break", args=[found.pk]),
        lambda: Break.objects.get().state == BreakState.RESOLVED,
    )


def raises_the_limit_of_breaks(world: World) -> Act:
    return Act(
        "root",
        reverse("admin:refunds_breaklimit_add"),
        lambda: BreakLimit.objects.filter(currency="JPY").exists(),
        {"currency": "JPY", "above": "100000"},
    )


def demands_less_evidence(world: World) -> Act:
    kept = demanded()
    less = {name: value for name, value in TYPED.items() if name != "is_active"}
    return Act(
        "root",
        reverse(CHANGE, args=[kept.pk]),
        lambda: not EvidenceRequirement.objects.get().is_active,
        {**less, "because": "It slows everything down."},
    )


def lets_a_machine_ask_for_more(world: World) -> Act:
    account = machine(world)
    return Act(
        "root",
        reverse("admin:kernel_serviceaccount_change", args=[account.pk]),
        lambda: AskingLimit.objects.filter(single_minor=50_00).exists(),
        {
            "purpose": account.purpose,
            "owner": str(account.owner_id),
            "teams": str(world.team().pk),
            "limits-TOTAL_FORMS": "1",
            "limits-INITIAL_FORMS": "0",
            "limits-0-currency": "GBP",
            "limits-0-single": "50",
            "limits-0-daily": "1000",
        },
    )


def lets_a_machine_call_again(world: World) -> Act:
    account = machine(world)
    quarantine(account_id=account.pk, why=WHY, actor=settle("root"), at=NOON)
    return Act(
        "root",
        reverse("admin:kernel_serviceaccount_release", args=[account.pk]),
        lambda: ServiceAccount.objects.get().quarantined_at is None,
        {"why": "We looked, and it is over."},
    )


def january() -> Period:
    """Have a month that is over, with nothing in it."""
    return Period.objects.create(
        account="stripe",
        first_on=date(2026, 1, 1),
        last_on=date(2026, 1, 31),
        from_at=JANUARY,
        until_at=FEBRUARY,
    )


def machine(world: World) -> ServiceAccount:
    """Have a service account without limits."""
    return open_account(
        username="till",
        purpose="Asks for what the tills promised.",
        owner=settle("lena"),
        teams=[world.team()],
        actor=settle("root"),
        at=NOON,
    )


OF_RULES = [
    publishes_an_edition,
    schedules_an_edition,
    puts_an_emergency_in_force,
    switches_a_mode,
    confirms_an_erasure,
    lifts_a_legal_hold,
    signs_a_month,
    agrees_to_open_a_month,
    releases_money_that_is_kept,
    agrees_to_the_end_of_a_break,
    raises_the_limit_of_breaks,
    demands_less_evidence,
    lets_a_machine_ask_for_more,
    lets_a_machine_call_again,
]
