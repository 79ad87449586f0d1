"""Messages of an older database come over with their state and the digest of what was kept."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.kernel.ids import new_id
from evidence.messages import digest_of

from .builders import NOON

BEFORE = [("evidence", "0009_forget_files_and_messages")]
AFTER = [("evidence", "0010_review_messages")]


@pytest.mark.slow
@pytest.mark.django_db
class TestTheMigrationOfMessages:
    """What was written before anybody reviewed it."""

    def test_lets_what_waited_leave_and_keeps_what_was_sent(self) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps
        team = old.get_model("kernel", "Team").objects.create(slug="north", name="North", currency="GBP")
        for state in ("written", "sent", "kept"):
            old.get_model("evidence", "CustomerMessage").objects.create(
                subject_kind="plea", subject_id=new_id(), team=team, reference=state, template="refund_declined",
                language="en", subject_line="About", body="Dear Carla,\n", state=state, written_at=NOON,
            )  # fmt: skip
        connection.check_constraints()

        executor = MigrationExecutor(connection)
        executor.migrate(AFTER)
        new = executor.loader.project_state(AFTER).apps

        rows = {row.reference: row for row in new.get_model("evidence", "CustomerMessage").objects.all()}
        assert {name: row.state for name, row in rows.items()} == {
            "written": "approved",
            "sent": "sent",
            "kept": "kept",
        }
        assert {row.body_sha256 for row in rows.values()} == {digest_of("About", "Dear Carla,\n")}
