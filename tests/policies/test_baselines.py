"""Past refunds judged by a version: the whole file or nothing, once, and no money moves."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from config.kernel.jobs import Job, JobState, cancel_job
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from policies.baselines import judging
from policies.baselines.counting import NO_REASON, cases_of, cells_of
from policies.baselines.judging import ask_baseline, cancel_baseline, check_file, run_baseline
from policies.baselines.reading import MOST_FAULTS, MOST_ROWS
from policies.engine.evaluate import evaluate
from policies.models import Baseline, BaselineCase, PolicyDecision
from refunds.models import Operation, RefundRequest
from tests.harness.world import NOON, drain

if TYPE_CHECKING:
    from pathlib import Path

    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

HEADER = "refund_id,refunded_at,amount,currency,category,reason,delivered_at,charged\n"
FILE = (
    HEADER
    + """re_1,2026-10-01,20.00,GBP,refund,changed_mind,2026-09-25,20.00
re_2,2026-10-02T09:30:00+01:00,"1,200.50",GBP,,damaged,2026-09-28,1500.00
re_3,2026-10-03,6000.00,GBP,refund,damaged,2026-09-30,6000.00
re_4,2026-10-04,30.00,GBP,,,,
re_5,2026-10-05,15.00,USD,refund,changed_mind,2026-09-25,15.00
"""
).encode()


@pytest.fixture
def version(world: World) -> PolicyVersion:
    """The version of the British team."""
    return world.policy()


def asked(version: PolicyVersion, by: User, content: bytes = FILE) -> Baseline:
    """Ask for it."""
    return ask_baseline(version_id=version.pk, content=content, actor=by, at=NOON)[0]


def judged(version: PolicyVersion, by: User, content: bytes = FILE) -> Baseline:
    """Ask for it and let a worker do it."""
    baseline = asked(version, by, content)
    run_baseline(job_id=baseline.job_id, at=NOON)
    return Baseline.objects.get(pk=baseline.pk)


def faults_of(version: PolicyVersion, by: User, content: str | bytes) -> list[str]:
    """List what is wrong with a file."""
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(Refused) as no:
        ask_baseline(version_id=version.pk, content=raw, actor=by, at=NOON)
    assert not Baseline.objects.exists()
    assert not Job.objects.exists()
    return [reason.detail for reason in no.value.reasons]


class TestABaseline:
    def test_says_what_would_have_been_done_with_which_money(self, version: PolicyVersion, mei: User) -> None:
        baseline = judged(version, mei)

        told = {case.refund_id: case.outcome for case in baseline.cases.all()}
        assert (told["re_1"], told["re_3"]) == ("allow", "block")
        assert told["re_2"] != "allow"
        sums = {(cell.currency, cell.outcome): 0 for cell in cells_of(baseline)}
        for cell in cells_of(baseline):
            sums[cell.currency, cell.outcome] += cell.minor
        assert sums["GBP", "block"] == 6000_00
        assert sum(minor for (currency, _), minor in sums.items() if currency == "GBP") == 7250_50
        assert sum(minor for (currency, _), minor in sums.items() if currency == "USD") == 15_00

    def test_moves_no_money_and_makes_no_request(self, version: PolicyVersion, mei: User) -> None:
        judged(version, mei)

        assert not RefundRequest.objects.exists()
        assert not Operation.objects.exists()
        assert not PolicyDecision.objects.exists()

    def test_leads_from_each_figure_to_its_refunds(self, version: PolicyVersion, mei: User) -> None:
        baseline = judged(version, mei)

        for cell in cells_of(baseline):
            words = {"category": cell.category, "outcome": cell.outcome, "currency": cell.currency}
            rows = list(cases_of(baseline, {**words, "reason": cell.reason}))
            assert (len(rows), sum(row.amount_minor for row in rows)) == (cell.count, cell.minor)
        assert [row.refund_id for row in cases_of(baseline, {"reason": NO_REASON})] == ["re_4"]

    def test_is_asked_for_once_for_the_same_file(self, version: PolicyVersion, mei: User, milo: User) -> None:
        first = judged(version, mei)
        again, is_new = ask_baseline(version_id=version.pk, content=FILE, actor=milo, at=NOON)

        assert (again.pk, is_new) == (first.pk, False)
        assert (Job.objects.count(), BaselineCase.objects.count()) == (1, 5)

    def test_stands_in_the_ledger_and_forgets_the_file(self, version: PolicyVersion, mei: User) -> None:
        baseline = judged(version, mei)

        entry = LedgerEntry.objects.get(kind="policy.baseline_asked")
        assert (entry.subject_id, entry.actor) == (version.pk, mei)
        assert entry.sentence == "had 5 past refunds judged for a baseline."
        assert bytes(baseline.content) == b""
        assert baseline.job.result == {"rows": 5}

    def test_is_done_by_a_worker(self, version: PolicyVersion, mei: User) -> None:
        asked(version, mei)
        drain()

        assert Job.objects.get().state == JobState.SUCCEEDED

    def test_counts_nothing_twice_after_a_killed_worker(self, version: PolicyVersion, mei: User) -> None:
        baseline = judged(version, mei)
        Job.objects.update(state=JobState.RUNNING)
        Baseline.objects.update(content=FILE)
        run_baseline(job_id=baseline.job_id)

        assert baseline.cases.count() == 5

    def test_stops_when_it_is_asked_to_and_keeps_nothing(
        self, version: PolicyVersion, mei: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(judging, "SLICE", 2)
        baseline, calls = asked(version, mei), []

        def stopping(*words: Any) -> Any:
            calls.append(words)
            if len(calls) == 3:
                cancel_job(job_id=baseline.job_id)
            return evaluate(*words)

        monkeypatch.setattr(judging, "evaluate", stopping)
        run_baseline(job_id=baseline.job_id)

        kept = Baseline.objects.get()
        assert (Job.objects.get().state, len(calls)) == (JobState.CANCELLED, 4)
        assert (kept.is_void, bytes(kept.content), kept.cases.count()) == (True, b"", 0)
        assert asked(version, mei).pk != baseline.pk

    def test_is_stopped_before_it_began_by_who_asked_alone(self, version: PolicyVersion, mei: User, milo: User) -> None:
        baseline = asked(version, mei)
        with pytest.raises(NotPermitted):
            cancel_baseline(baseline=baseline, actor=milo)
        cancel_baseline(baseline=baseline, actor=mei)
        run_baseline(job_id=baseline.job_id)

        kept = Baseline.objects.get()
        assert (kept.is_void, bytes(kept.content), kept.cases.count()) == (True, b"", 0)

    @pytest.mark.parametrize("name", ["amir", "dana", "lena", "ada", "bot"])
    def test_is_not_for_everybody(self, version: PolicyVersion, request: pytest.FixtureRequest, name: str) -> None:
        with pytest.raises(NotPermitted):
            asked(version, request.getfixturevalue(name))

        assert not Baseline.objects.exists()

    def test_is_refused_while_three_are_under_way(self, version: PolicyVersion, mei: User) -> None:
        for number in range(3):
            asked(version, mei, FILE + f"re_{number}0,2026-10-05,15.00,GBP,,,,\n".encode())
        with pytest.raises(Refused, match="under way"):
            asked(version, mei)


class TestAFile:
    def test_is_checked_without_a_trace(self, version: PolicyVersion, mei: User) -> None:
        rows = check_file(version_id=version.pk, content=FILE, actor=mei, at=NOON)

        assert [row.refund_id for row in rows] == ["re_1", "re_2", "re_3", "re_4", "re_5"]
        assert rows[1].refunded_at == datetime(2026, 10, 2, 8, 30, tzinfo=UTC)
        assert (rows[1].amount.minor, rows[3].charged_minor, rows[3].delivered_at) == (1200_50, None, None)
        assert not Baseline.objects.exists()

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            (",2026-10-01,1.00,GBP,,,,", "refund_id is empty."),
            ("re_9,yesterday,1.00,GBP,,,,", "refunded_at is no day such as 2026-01-31, nor a time with its zone."),
            ("re_9,2026-10-01T09:00:00,1.00,GBP,,,,", "refunded_at is no day such as 2026-01-31"),
            ("re_9,2027-10-01,1.00,GBP,,,,", "refunded_at is not between 2000 and now."),
            ("re_9,1999-10-01,1.00,GBP,,,,", "refunded_at is not between 2000 and now."),
            ("re_9,0001-01-01T00:00:00+00:00,1.00,GBP,,,,", "refunded_at is not between 2000 and now."),
            ("re_9,2026-10-01,0.00,GBP,,,,", "amount must be more than zero."),
            ("re_9,2026-10-01,-1.00,GBP,,,,", "amount"),
            ("re_9,2026-10-01,1.005,GBP,,,,", "amount: GBP has 2 decimals."),
            ("re_9,2026-10-01,1e3,GBP,,,,", "amount: Enter an amount"),
            ("re_9,2026-10-01,1.00,GPB,,,,", "there is no currency “GPB”."),
            ("re_9,2026-10-01,1.00,GBP,lottery,,,", "there is no category “lottery”."),
            ("re_9,2026-10-01,1.00,GBP,,,,free", "charged: Enter an amount"),
            ("re_9,2026-10-01,1.00,GBP", "it has not as many cells as there are columns."),
            ("re_9,2026-10-01,1.00,GBP,,,,,,", "it has not as many cells as there are columns."),
            ("re_1,2026-10-01,1.00,GBP,,,,", "re_1 is on line 2 already."),
            (f"{'x' * 121},2026-10-01,1.00,GBP,,,,", "refund_id has 120 characters at most."),
        ],
    )
    def test_is_refused_whole_for_one_wrong_line(
        self, version: PolicyVersion, mei: User, line: str, sentence: str
    ) -> None:
        good = "re_1,2026-10-01,20.00,GBP,refund,changed_mind,2026-09-25,20.00\n"
        (fault,) = faults_of(version, mei, f"{HEADER}{good}{line}\n")

        assert fault.startswith(f"Line 3: {sentence}")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The column refund_id is missing."),
            (b"\xff\xfe\x00", "This is not a CSV file in UTF-8."),
            (b"refund_id\x00", "The file holds a character that cannot be stored."),
            (HEADER.encode(), "The file holds no refund."),
            (HEADER.strip().encode() + b",email\n", "The column “email” is not read here. Leave it out."),
            (b"refund_id," + HEADER.encode(), "The column refund_id is there twice."),
            (HEADER.encode() + b'"re_1,2026-10-01\n', "Line 2: unexpected end of data."),
        ],
    )
    def test_is_refused_for_what_it_is(self, version: PolicyVersion, mei: User, content: bytes, sentence: str) -> None:
        assert faults_of(version, mei, content)[0] == sentence

    def test_names_every_wrong_line_up_to_a_number(self, version: PolicyVersion, mei: User) -> None:
        assert len(faults_of(version, mei, HEADER + ",,,,,,,\n" * (MOST_FAULTS + 5))) == MOST_FAULTS

    def test_has_a_last_line(self, version: PolicyVersion, mei: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("policies.baselines.reading.MOST_ROWS", 4)

        assert faults_of(version, mei, FILE) == ["A file holds 4 refunds at most."]
        assert MOST_ROWS == 100_000


class TestTheCommand:
    def test_says_what_came_of_it(self, version: PolicyVersion, mei: User, tmp_path: Path) -> None:
        said = run(version, tmp_path, FILE)

        assert "Blocked: 1 for £6,000.00" in said
        assert "Automatic: 1 for £20.00" in said
        assert "nothing was added" in run(version, tmp_path, FILE)
        assert Baseline.objects.count() == 1

    def test_checks_only(self, version: PolicyVersion, mei: User, tmp_path: Path) -> None:
        assert run(version, tmp_path, FILE, "--dry-run") == "5 refunds; nothing was kept.\n"
        assert not Baseline.objects.exists()

    def test_names_what_is_wrong(self, version: PolicyVersion, mei: User, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="Line 2: refund_id is empty"):
            run(version, tmp_path, f"{HEADER},,,,,,,\n".encode())


def run(version: PolicyVersion, folder: Path, content: bytes, *more: str) -> str:
    """Run the command as Mei."""
    file, out = folder / "past.csv", StringIO()
    file.write_bytes(content)
    words = ["--policy", version.policy.slug, "--version-number", str(version.number), "--by", "mei", *more]
    call_command("import_baseline", str(file), *words, stdout=out)
    return out.getvalue()
