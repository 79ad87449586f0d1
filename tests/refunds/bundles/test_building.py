"""What is in a bundle, for whom, and what becomes of a job that cannot be done."""

from __future__ import annotations

import ast
import json
import struct
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from approvals.models import ApprovalDecision
from approvals.vocabulary import Verdict
from config.kernel.ids import new_id
from config.kernel.jobs import JobState, cancel_job
from evidence.attachments import attach
from evidence.bundles import keeping, verify
from evidence.checkpoints.making import make_checkpoint
from evidence.erasing import erase_files, erase_letters, erase_salt
from evidence.ledger import record, timeline_of
from evidence.models import Bundle, SubjectSalt
from refunds import workflow
from refunds.bundles import building, contents, records
from refunds.bundles.asking import ask_for_population, ask_for_request
from refunds.bundles.building import build_next, run_bundle
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle
from tests.harness.world import NOON

from .parcels import LATER, TODAY, Files, built, of_population, of_request, packed, several_lives, unpacked

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]

RATIONALE = "She sent a photo of the parcel."


@pytest.fixture
def decided(world: World, amir: User, dana: User) -> RefundRequest:
    """Have one approved in words, with a photo and an identity document."""
    waiting = world.waiting(by=amir)
    for kind, form in (("photo", "JPEG"), ("identity_document", "PNG")):
        attach(subject=waiting.subject, team=waiting.team, kind=kind, file=upload(drawing(form)), actor=dana, at=NOON)
    return workflow.decide(
        reference=waiting.reference, verdict=Verdict.APPROVE, rationale=RATIONALE, actor=dana, at=NOON
    )


def record_in(contents: dict[str, bytes], refund_request: RefundRequest) -> dict[str, Any]:
    """Read the record of a request."""
    told: dict[str, Any] = json.loads(contents[f"requests/{refund_request.reference}/record.json"])
    return told


class TestTheBundleOfARequest:
    def test_holds_records_pages_files_chains_policies_and_proofs(self, decided: RefundRequest, ada: User) -> None:
        contents = unpacked(of_request(decided, ada))

        folder = f"requests/{decided.reference}"
        assert {f"{folder}/record.json", f"{folder}/page.html", "verify.py", "README.txt", "seal.note"} <= set(contents)
        assert f"chains/refund_request/{decided.pk}.jsonl" in contents
        assert f"policies/{decided.decision.version_id}.json" in contents if decided.decision else False
        assert sum(name.startswith(f"{folder}/attachments/") for name in contents) == 2
        assert (
            len(contents[f"chains/refund_request/{decided.pk}.jsonl"].splitlines())
            == timeline_of(decided.subject).exclude(kind="bundle.built").count()
        )

    def test_lets_an_auditor_compare_texts_with_the_ledger(self, decided: RefundRequest, ada: User) -> None:
        told = record_in(unpacked(of_request(decided, ada)), decided)

        assert told["salt"] == bytes(SubjectSalt.objects.get(subject_id=decided.pk).salt).hex()
        assert {"field": "rationale_sha256", "text": RATIONALE} in [
            {"field": text["field"], "text": text["text"]} for text in told["texts"]
        ]

    def test_keeps_the_salt_from_those_who_do_not_look_at_proofs(self, decided: RefundRequest, amir: User) -> None:
        contents = unpacked(of_request(decided, amir))

        assert record_in(contents, decided)["salt"] == ""
        salt = bytes(SubjectSalt.objects.get(subject_id=decided.pk).salt).hex().encode()
        assert not any(salt in content for content in contents.values())
        verify.verify(Files(contents))

    def test_keeps_sensitive_kinds_and_policies_from_those_who_may_not_see_them(
        self, decided: RefundRequest, amir: User
    ) -> None:
        contents = unpacked(of_request(decided, amir))

        rows = record_in(contents, decided)["rows"]
        assert [row["kind"] for row in rows["attachments"]] == ["photo"]
        assert sum("/attachments/" in name for name in contents) == 1
        assert not any(name.startswith("policies/") for name in contents)
        assert "facts" not in rows["policy_decisions"][0]
        assert json.loads(contents["manifest.json"])["withheld"] == ["policies"]

    def test_holds_only_hashes_where_files_were_not_wished_for(self, decided: RefundRequest, ada: User) -> None:
        contents = unpacked(of_request(decided, ada, has_files=False))

        assert not any("/attachments/" in name for name in contents)
        assert len({row["sha256"] for row in record_in(contents, decided)["rows"]["attachments"]}) == 2

    def test_tells_no_secret_and_no_place_of_ours(
        self, decided: RefundRequest, ada: User, settings: Settings, private_files: Path, key_file: Path
    ) -> None:
        contents = unpacked(of_request(decided, ada))

        secrets = [settings.SECRET_KEY, settings.STRIPE_API_KEY, str(private_files), str(key_file)]
        secrets += [line for line in key_file.read_text().splitlines() if not line.startswith("-")]
        assert [word for word in secrets if any(word.encode() in content for content in contents.values())] == []

    def test_still_verifies_once_texts_files_and_salt_are_erased(self, decided: RefundRequest, ada: User) -> None:
        with transaction.atomic():
            erase_letters(subject=decided.subject, at=LATER)
            erase_files(subject=decided.subject, at=LATER)
            erase_salt(subject=decided.subject)

        contents = unpacked(of_request(decided, ada))

        verify.verify(Files(contents))
        assert record_in(contents, decided)["salt"] == ""
        assert record_in(contents, decided)["rows"]["attachments"] == []

    def test_holds_every_decision_that_the_chain_names(self, decided: RefundRequest, ada: User, dana: User) -> None:
        signature, stranger = ApprovalDecision.objects.get(), new_id()
        for named, fault in ((signature.pk, ""), (stranger, f"names decision {stranger}, which its record")):
            with transaction.atomic():
                record(
                    subject=decided.subject,
                    kind="refund_request.signed",
                    actor=dana,
                    at=NOON,
                    sentence="signed.",
                    data={"decision": str(named)},
                )
            contents = Files(unpacked(of_request(decided, ada)))
            if not fault:
                verify.verify(contents)
                continue
            with pytest.raises(verify.Fault, match=fault):
                verify.verify(contents)

    def test_prints_what_people_wrote_and_runs_none_of_it(self, world: World, amir: User, ada: User) -> None:
        hostile = '<script>alert("x")</script><img src=x onerror=alert(1)>'
        waiting = world.waiting(by=amir)
        workflow.withdraw(reference=waiting.reference, note=hostile, actor=amir, at=NOON)
        type(waiting).objects.filter(pk=waiting.pk).update(note=hostile)

        contents = unpacked(of_request(waiting, ada))

        page = contents[f"requests/{waiting.reference}/page.html"].decode()
        assert "<dt>requested</dt><dd>£100.00</dd>" in page
        assert "<dt>requested by</dt><dd>Amir</dd>" in page
        assert "&lt;script&gt;alert(&quot;x&quot;)" in page
        assert "<script" not in page
        assert "<img" not in page


class TestTheBundleOfAPopulation:
    def test_adds_up_each_currency_and_draws_the_same_sample_from_the_same_seed(self, world: World, ada: User) -> None:
        several_lives(world)

        one, other, third = (
            json.loads(unpacked(of_population(ada, sample_size=2, seed=seed, has_files=False))["manifest.json"])
            for seed in ("a", "a", "c")
        )

        assert one["population"]["sums"] == {
            "GBP": {"requested_minor": 300_00, "amount_minor": 300_00},
            "USD": {"requested_minor": 30_00, "amount_minor": 30_00},
        }
        drawn = [
            {subject["id"] for subject in each["subjects"] if subject["kind"] == "refund_request"}
            for each in (one, other, third)
        ]
        assert drawn[0] == drawn[1]
        assert [len(each) for each in drawn] == [2, 2, 2]
        assert one["population"]["ids_sha256"] == third["population"]["ids_sha256"]
        assert "created from 20 Nov 2026" in one["query"]["words"]
        assert "refunds_refundrequest" in one["query"]["sql"]

    def test_is_the_same_to_the_byte_when_nothing_happened_since(
        self, world: World, ada: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        several_lives(world)
        bundle = of_population(ada)
        first = packed(bundle)
        keeping.remove_expired(at=LATER + timedelta(days=2))
        monkeypatch.setattr(building, "catch_up", lambda **_words: None)

        again = built(keeping.build_again(bundle=bundle, actor=ada, at=LATER))

        assert packed(again) == first

    def test_holds_nothing_of_teams_the_viewer_does_not_work_for(self, world: World, luis: User) -> None:
        *_, american = several_lives(world)

        contents = unpacked(of_population(luis))

        assert american.reference.encode() not in b"".join(contents.values())
        verify.verify(Files(contents))

    def test_cannot_put_a_formula_into_a_spreadsheet(self, world: World, amir: User, ada: User) -> None:
        waiting = world.waiting(by=amir)
        type(waiting.team).objects.filter(pk=waiting.team_id).update(name="=HYPERLINK(1)")

        contents = unpacked(of_population(ada))

        assert b"\n=" not in contents["population/sample.csv"]
        assert b",=" not in contents["population/sample.csv"]

    def test_says_when_the_files_are_too_much(
        self, decided: RefundRequest, ada: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(contents, "MOST_FILE_BYTES", 100)

        bundle = of_population(ada)

        assert bundle.job.state == JobState.FAILED
        assert "Take a smaller sample" in bundle.job.error
        assert bundle.built_at is None


class TestTheJob:
    def test_records_what_was_built(self, decided: RefundRequest, ada: User) -> None:
        bundle = of_request(decided, ada)

        assert bundle.job.state == JobState.SUCCEEDED
        entry = timeline_of(decided.subject).get(kind="bundle.built")
        assert bundle.manifest_sha256 in entry.payload
        assert verify.sha256(unpacked(bundle)["manifest.json"]).hex() == bundle.manifest_sha256

    def test_says_how_far_it_is(self, world: World, ada: User) -> None:
        several_lives(world)

        bundle = of_population(ada)

        assert (bundle.job.done, bundle.job.total) == (4, 4)

    def test_stops_between_two_requests_and_keeps_nothing(
        self, world: World, ada: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        several_lives(world)
        asked = ask_for_population(population=TODAY, sample_size=4, seed="", has_files=False, actor=ada, at=LATER)
        read = records.records_of

        def stopped_meanwhile(*words: Any, **named: Any) -> Any:
            cancel_job(job_id=asked.job_id)
            return read(*words, **named)

        monkeypatch.setattr(contents, "records_of", stopped_meanwhile)

        bundle = built(asked)

        assert (bundle.job.state, bundle.job.done) == (JobState.CANCELLED, 1)
        assert (bundle.built_at, str(bundle.file)) == (None, "")
        assert not default_storage.exists("bundles")

    def test_that_was_stopped_before_it_began_never_begins(self, decided: RefundRequest, ada: User) -> None:
        asked = ask_for_request(refund_request=decided, has_files=False, actor=ada, at=LATER)
        keeping.stop_bundle(bundle=asked, actor=ada)

        assert built(asked).job.state == JobState.CANCELLED

    def test_fails_with_a_sentence_where_nobody_can_sign(
        self, decided: RefundRequest, ada: User, settings: Settings
    ) -> None:
        settings.SIGNING_KEY_FILE, settings.SIGNING_KEY_IS_MADE = "", False

        bundle = of_request(decided, ada)

        assert bundle.job.state == JobState.FAILED
        assert "signing key" in bundle.job.error

    def test_that_failed_is_built_again_with_the_same_seed(
        self, world: World, ada: User, settings: Settings, key_file: Path
    ) -> None:
        several_lives(world)
        settings.SIGNING_KEY_FILE = str(key_file.with_name("elsewhere.pem"))
        failed = of_population(ada, seed="")
        settings.SIGNING_KEY_FILE = str(key_file)

        again = built(keeping.build_again(bundle=failed, actor=ada, at=LATER))

        assert again.job.state == JobState.SUCCEEDED
        assert again.parameters["seed"] == failed.parameters["seed"]

    def test_is_for_whoever_may_see_it_when_it_runs(self, decided: RefundRequest, amir: User) -> None:
        asked = ask_for_request(refund_request=decided, has_files=False, actor=amir, at=LATER)
        amir.is_active = False
        amir.save()

        bundle = built(asked)

        assert bundle.job.state == JobState.FAILED
        assert "You may see nothing" in bundle.job.error

    def test_of_whoever_waits_longest_comes_first(self, decided: RefundRequest, ada: User) -> None:
        first, second = (
            ask_for_request(refund_request=decided, has_files=False, actor=ada, at=LATER + timedelta(seconds=wait))
            for wait in (0, 1)
        )

        assert build_next(at=LATER)
        assert list(Bundle.objects.filter(built_at__isnull=False)) == [first]
        assert build_next(at=LATER)
        assert not build_next(at=LATER)
        second.refresh_from_db()
        assert second.built_at is not None

    def test_run_twice_builds_once(self, decided: RefundRequest, ada: User) -> None:
        bundle = of_request(decided, ada)

        run_bundle(job_id=bundle.job_id, at=LATER + timedelta(hours=1))

        bundle.refresh_from_db()
        assert bundle.built_at == LATER


class TestTheVerifier:
    def test_needs_nothing_but_the_standard_library_of_an_old_python(self) -> None:
        tree = ast.parse(Path(verify.__file__).read_text(), feature_version=(3, 9))

        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert imported <= sys.stdlib_module_names

    def test_reads_the_archive_as_it_came(self, decided: RefundRequest, ada: User, tmp_path: Path) -> None:
        file = tmp_path / "bundle.zip"
        file.write_bytes(packed(of_request(decided, ada)))

        assert verify.main([str(file)]) == 0
        content = bytearray(file.read_bytes())
        content[_within_a_file(file)] ^= 1
        file.write_bytes(content)
        assert verify.main([str(file)]) == 1

    def test_names_entries_that_no_checkpoint_covers_yet(
        self, world: World, ada: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = world.waiting(by=settle("amir"))
        make_checkpoint(at=NOON)
        workflow.hold(reference=waiting.reference, note="", actor=settle("lena"), at=LATER)
        monkeypatch.setattr(building, "catch_up", lambda **_words: None)

        said = verify.verify(Files(unpacked(of_request(waiting, ada))))

        uncovered = [line for line in said if line.startswith("NOT YET COVERED")]
        assert f"{waiting.reference}: refund_request.held" in uncovered[0]
        assert ["signing_key.introduced" in line for line in uncovered[1:]] == [True]


def _within_a_file(archive: Path) -> int:
    """Find a byte of some file's content: much of an archive's own words may change without changing any file."""
    with zipfile.ZipFile(archive) as opened:
        largest = max(opened.infolist(), key=lambda one: one.compress_size)
    with archive.open("rb") as raw:
        raw.seek(largest.header_offset + 26)
        name_length, extra_length = struct.unpack("<HH", raw.read(4))
        start: int = raw.tell() + name_length + extra_length
    return start + largest.compress_size // 2
