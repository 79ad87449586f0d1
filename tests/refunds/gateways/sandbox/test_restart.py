"""The sandbox's books survive its end, however it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from refunds.gateways.base import Accepted, Unknown
from refunds.gateways.sandbox.books import KEY_SECONDS, Books
from refunds.gateways.sandbox.journal import Journal
from refunds.gateways.sandbox.records import Answer
from tests.refunds.gateways.stage import PROJECT, SandboxProcess, instruction, payment

if TYPE_CHECKING:
    from pathlib import Path


class TestBooks:
    """The journal."""

    def test_survive_kill_nine_to_the_last_answer(self, own_sandbox: SandboxProcess) -> None:
        gateway = own_sandbox.gateway()
        gateway.announce([payment("pi_100")])
        accepted: list[str] = []

        def hammer() -> None:
            for number in range(5_000):
                outcome = gateway.refund(instruction(f"op-{number}", amount_minor=1))
                if not isinstance(outcome, Accepted):
                    return
                accepted.append(outcome.external_id)

        worker = threading.Thread(target=hammer)
        worker.start()
        time.sleep(0.5)
        own_sandbox.kill()
        worker.join(10)
        own_sandbox.start()

        held = [refund["id"] for refund in own_sandbox.books()["refunds"]]
        assert accepted
        assert held[: len(accepted)] == accepted
        assert len(held) - len(accepted) <= 1

    def test_keep_keys_across_a_restart(self, own_sandbox: SandboxProcess) -> None:
        own_sandbox.gateway().announce([payment("pi_100")])
        own_sandbox.arm("500_done")
        assert isinstance(own_sandbox.gateway().refund(instruction()), Unknown)

        own_sandbox.stop()
        own_sandbox.start()

        again = own_sandbox.gateway().refund(instruction())
        assert isinstance(again, Unknown)
        assert again.is_replayed
        assert len(own_sandbox.books()["refunds"]) == 1

    def test_take_up_what_was_to_turn(self, own_sandbox: SandboxProcess) -> None:
        own_sandbox.gateway().announce([payment("pi_100")])
        own_sandbox.arm("fail_later")
        outcome = own_sandbox.gateway().refund(instruction())
        own_sandbox.kill()

        own_sandbox.start()

        assert isinstance(outcome, Accepted)
        assert own_sandbox.settled(outcome.external_id, "failed")

    def test_lose_only_a_line_torn_in_the_middle(self, own_sandbox: SandboxProcess) -> None:
        own_sandbox.gateway().announce([payment("pi_100")])
        own_sandbox.gateway().refund(instruction())
        before = own_sandbox.books()
        own_sandbox.kill()
        with (own_sandbox.data / "journal.jsonl").open("ab") as journal:
            journal.write(b'{"rows":[["refund",{"id":"re_torn"')

        own_sandbox.start()

        assert own_sandbox.books() == before
        assert isinstance(own_sandbox.gateway().refund(instruction("op-2")), Accepted)
        own_sandbox.stop()
        own_sandbox.start()
        assert len(own_sandbox.books()["refunds"]) == 2

    def test_forget_a_key_after_a_day(self, tmp_path: Path) -> None:
        books = Books(Journal(tmp_path))
        books.write(Answer(key="k", asked="a", status=200, body="{}", saved_at=1_000))

        assert books.answer("k", 1_000 + KEY_SECONDS - 1)
        assert books.answer("k", 1_000 + KEY_SECONDS) is None


class TestProcess:
    """Start and stop."""

    def test_stops_within_a_second_even_while_somebody_hangs(self, own_sandbox: SandboxProcess) -> None:
        own_sandbox.gateway().announce([payment("pi_100")])
        own_sandbox.arm("hang")
        threading.Thread(target=own_sandbox.gateway().refund, args=(instruction(),)).start()
        time.sleep(0.2)

        began = time.monotonic()
        assert own_sandbox.stop() == 0
        assert time.monotonic() - began < 1

    def test_says_when_the_port_or_the_books_are_taken(self, own_sandbox: SandboxProcess, tmp_path: Path) -> None:
        port = own_sandbox.address.rpartition(":")[2]

        for data, sentence in ((tmp_path / "other", "is not free"), (own_sandbox.data, "keeps its books")):
            ended = subprocess.run(
                [sys.executable, "-m", "refunds.gateways.sandbox", "--port", port, "--data", str(data)],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                timeout=10,
                check=False,
            )
            assert ended.returncode == 1
            assert sentence in ended.stderr
            assert "Traceback" not in ended.stderr

    def test_runs_without_django(self) -> None:
        code = "import sys, json, refunds.gateways.sandbox.__main__; print(json.dumps(sorted(sys.modules)))"

        shown = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, check=True, timeout=20)

        modules = {name.partition(".")[0] for name in json.loads(shown.stdout)}
        assert not modules & {"django", "stripe", "requests", "celery"}
