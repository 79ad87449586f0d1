"""One caller's calls on several web processes: as many go through as one process would let through."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from config.kernel.bearer import SpeedOfToken
from config.kernel.pace import seconds_to_wait
from tests.api.conftest import Caller
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant
from tests.harness.world import World

pytestmark = pytest.mark.django_db(transaction=True)

MOST, CALLS = 7, 20
MINUTE = timedelta(minutes=1)

CALL_TEN_TIMES = """
import sys
import django
django.setup()
from datetime import timedelta
from django.db import connection
from config.kernel.pace import seconds_to_wait
connection.settings_dict["NAME"] = sys.argv[1]
waits = [seconds_to_wait(caller="token", most=7, window=timedelta(minutes=1)) for _ in range(10)]
print(sum(wait is None for wait in waits))
"""


class TestOneCaller:
    def test_gets_no_more_through_at_once_than_one_after_the_other(self) -> None:
        call = partial(seconds_to_wait, caller="token", most=MOST, window=MINUTE)

        waits = in_the_same_instant(*[call] * CALLS)

        assert sum(wait is None for wait in waits) == MOST
        assert all(0 < wait <= 60 for wait in waits if isinstance(wait, float))

    @pytest.mark.slow
    def test_is_counted_across_processes(self) -> None:
        mine = [seconds_to_wait(caller="token", most=MOST, window=MINUTE) for _ in range(3)]

        said = subprocess.run(
            [sys.executable, "-c", CALL_TEN_TIMES, str(connection.settings_dict["NAME"])],
            capture_output=True, text=True, check=False, cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        )  # fmt: skip

        assert mine == [None] * 3
        assert said.stdout.strip() == str(MOST - 3), said.stderr
        assert seconds_to_wait(caller="token", most=MOST, window=MINUTE) is not None

    def test_begins_anew_when_the_window_is_over(self) -> None:
        window = timedelta(microseconds=1)

        assert [seconds_to_wait(caller="token", most=1, window=window) for _ in range(3)] == [None] * 3

    def test_hears_when_to_come_back_from_a_process_that_never_saw_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        World()
        monkeypatch.setattr(SpeedOfToken, "rate", "2/min", raising=False)
        amir = Caller(settle("amir"))

        answers = []
        for _ in range(3):
            cache.clear()  # what a process remembers, another one does not
            answers.append(amir.get("refund-requests"))

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 0 < int(answers[2]["Retry-After"]) <= 60
