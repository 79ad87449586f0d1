"""A policy comes into force only with what the evidence map demands of its change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import Refused
from policies import emergencies, publishing
from policies.editions import edition_of
from policies.simulation.backtesting import ask_backtest, run_backtest
from policies.vocabulary import VersionState
from tests.admin.desk import desk_of, page_of
from tests.api.conftest import Caller
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON
from tests.policies import editions

from .demands import demanded

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


class TestPublishing:
    def test_is_refused_at_every_door_until_the_document_was_tried(self, world: World, milo: User, mei: User) -> None:
        version = editions.waiting(world, milo)
        demanded("policy_change", "backtest")
        policy = version.policy

        with nothing_moves(), pytest.raises(Refused, match="Backtest of this document is missing") as no:
            publishing.publish_version(version_id=version.pk, actor=mei, at=NOON)
        shown = desk_of(mei).get(page_of(version, "publish"))
        posted = desk_of(mei).post(page_of(version, "publish"), {"publish_at": "", "seen": edition_of(version)})
        called = Caller(mei).fresh().post(f"policies/{policy.slug}/versions/{version.number}/publish")

        assert no.value.code == "evidence_missing"
        assert "Run a backtest of exactly this document" in shown.text
        assert (posted.status_code, called.status_code) == (422, 422)
        assert called.json()["errors"][0]["field"] == "backtest"

        tried = ask_backtest(
            policy_id=policy.pk,
            document=version.document,
            version=version,
            from_at=NOON - timedelta(days=30),
            until_at=NOON,
            actor=mei,
            at=NOON,
        )
        run_backtest(job_id=tried.job_id, at=NOON)
        published = publishing.publish_version(version_id=version.pk, actor=mei, at=NOON)
        assert published.state == VersionState.PUBLISHED

    def test_passes_with_a_run_in_shadow(self, world: World, milo: User, mei: User) -> None:
        version = editions.waiting(world, milo)
        demanded("policy_change", "shadow_run")
        with pytest.raises(Refused, match="Run in shadow is missing"):
            publishing.publish_version(version_id=version.pk, actor=mei, at=NOON)

        publishing.start_shadow(version_id=version.pk, actor=mei, at=NOON)

        published = publishing.publish_version(version_id=version.pk, actor=mei, at=NOON)
        assert published.state == VersionState.PUBLISHED

    def test_of_another_team_is_not_kept(self, world: World, milo: User, mei: User) -> None:
        version = editions.waiting(world, milo)
        demanded("policy_change", "backtest", team_id=world.team("us-dtc").pk)
        demanded("emergency_change", "backtest")

        assert publishing.publish_version(version_id=version.pk, actor=mei, at=NOON).state == VersionState.PUBLISHED


class TestAnEmergency:
    def test_is_kept_by_demands_of_its_own(self, world: World, milo: User, mei: User) -> None:
        version = editions.emergency(world, milo, mei)
        demanded("emergency_change", "backtest")

        with nothing_moves(), pytest.raises(Refused, match="Backtest of this document is missing"):
            emergencies.publish_emergency(version_id=version.pk, actor=mei, at=NOON)
        shown = desk_of(mei).get(page_of(version, "emergency"))

        assert "Run a backtest of exactly this document" in shown.text
