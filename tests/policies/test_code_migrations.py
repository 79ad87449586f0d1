"""Codes of an older database come over with their life, and with what people wrote."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("policies", "0004_guard_publication")]
AFTER = [("policies", "0008_drop_is_active")]


@pytest.mark.slow
@pytest.mark.django_db
class TestTheMigrationOfCodes:
    def test_keeps_what_people_wrote_and_owns_the_rest(self) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps
        reasons, exceptions = old.get_model("policies", "ReasonCode"), old.get_model("policies", "ExceptionCode")
        for code, label, is_active in (
            ("damaged", "Kaputt", True),
            ("our_own", "Our own", True),
            ("other", "Other", True),
            ("late_delivery", "Late", False),
        ):
            reasons.objects.create(code=code, label=label, leakage_class="fraud", is_active=is_active)
        for code, owner, is_active in (("OTHER", "Ours", True), ("NO_RECEIPT", " ", False)):
            exceptions.objects.create(
                code=code,
                label=code,
                leakage_class="fraud",
                is_active=is_active,
                owner=owner,
                playbook="P",
                sla_hours=3,
            )
        connection.check_constraints()

        executor = MigrationExecutor(connection)
        executor.migrate(AFTER)
        new = executor.loader.project_state(AFTER).apps

        kept = {row.code: row for row in new.get_model("policies", "ReasonCode").objects.all()}
        assert (kept["damaged"].label, kept["damaged"].owner, kept["damaged"].state) == (
            "Kaputt",
            "Logistics",
            "active",
        )
        assert (kept["our_own"].owner, kept["our_own"].sla_hours, kept["our_own"].state) == ("Quality", 24, "active")
        assert (kept["late_delivery"].state, kept["late_delivery"].retired_at) == ("retired", None)
        assert kept["other"].most_share_basis_points == 500
        departures = {row.code: row for row in new.get_model("policies", "ExceptionCode").objects.all()}
        assert (departures["OTHER"].owner, departures["OTHER"].most_share_basis_points) == ("Ours", 500)
        assert (departures["NO_RECEIPT"].owner, departures["NO_RECEIPT"].state) == ("Quality", "retired")
