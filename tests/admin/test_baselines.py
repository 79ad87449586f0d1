"""Past refunds are judged from a version's own page: check, upload, watch, stop, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.kernel.people import assign_to_teams
from policies.baselines.judging import run_baseline
from policies.models import Baseline, PolicyVersion
from tests.admin.desk import desk_of, page_of
from tests.harness.people import fresh
from tests.harness.world import NOON
from tests.policies.test_baselines import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from tests.harness.world import World


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def version(world: World) -> PolicyVersion:
    """The version of the British team."""
    return world.policy()


def post(person: User, version: PolicyVersion, content: bytes = FILE, **more: str) -> Any:
    """Upload a file."""
    file = SimpleUploadedFile("past.csv", content)
    return desk_of(person).post(page_of(version, "baselines"), {"file": file, **more})


def address_of(baseline: Baseline, word: str = "") -> str:
    """Name a page about a baseline."""
    return reverse(f"admin:policies_policyversion_baseline{word}", args=[baseline.version_id, baseline.pk])


class TestTheUpload:
    def test_can_be_checked_first(self, version: PolicyVersion, mei: User) -> None:
        answer = post(mei, version, check="yes")

        assert "The file is right: it holds 5 refunds. Nothing was kept." in answer.content.decode()
        assert not Baseline.objects.exists()

    def test_names_each_wrong_line(self, version: PolicyVersion, mei: User) -> None:
        answer = post(mei, version, FILE + b"re_9,never,1.00,GBP,,,,\n,2026-10-01,1.00,GBP,,,,\n")

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Line 7: refunded_at is no day" in page
        assert "Line 8: refund_id is empty." in page
        assert not Baseline.objects.exists()

    def test_without_a_file_is_refused(self, version: PolicyVersion, mei: User) -> None:
        answer = desk_of(mei).post(page_of(version, "baselines"), {})

        assert answer.status_code == 422
        assert "Choose a file." in answer.content.decode()

    def test_leads_to_its_report(self, version: PolicyVersion, mei: User) -> None:
        answer = post(mei, version)

        baseline = Baseline.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, address_of(baseline))
        assert post(mei, version)["Location"] == address_of(baseline)
        assert page_of(version, "baselines") in desk_of(mei).get(page_of(version, "matrix")).content.decode()

    def test_is_not_for_who_may_only_read(self, version: PolicyVersion, ada: User) -> None:
        ada.is_staff = True
        ada.save()

        assert "Judge them" not in desk_of(ada).get(page_of(version, "baselines")).content.decode()
        assert post(ada, version).status_code == 403
        assert not Baseline.objects.exists()


class TestTheReport:
    @pytest.fixture
    def baseline(self, version: PolicyVersion, mei: User) -> Baseline:
        """Ask for one."""
        post(mei, version)
        return Baseline.objects.get()

    def test_shows_how_far_it_is_and_refreshes_when_it_is_over(self, baseline: Baseline, mei: User) -> None:
        desk = desk_of(mei)
        assert "Waiting for a worker" in desk.get(address_of(baseline)).content.decode()
        assert "0 of 5 refunds" in desk.get(address_of(baseline), headers={"HX-Request": "true"}).content.decode()
        run_baseline(job_id=baseline.job_id)

        assert desk.get(address_of(baseline), headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    def test_shows_figures_that_lead_to_their_refunds(self, baseline: Baseline, mei: User) -> None:
        run_baseline(job_id=baseline.job_id)
        page = desk_of(mei).get(address_of(baseline)).content.decode()

        assert "Baseline" in page
        assert "£6,000.00" in page
        assert "$15.00" in page or "US$15.00" in page
        blocked = desk_of(mei).get(address_of(baseline), {"outcome": "block", "currency": "GBP"}).content.decode()
        assert "re_3" in blocked
        assert "re_1" not in blocked

    def test_can_be_stopped(self, baseline: Baseline, mei: User) -> None:
        answer = desk_of(mei).post(address_of(baseline, "_cancel"))

        assert answer["Location"] == address_of(baseline)
        assert "It was stopped; nothing of it was kept." in desk_of(mei).get(address_of(baseline)).content.decode()

    @pytest.mark.parametrize(
        "query", ["after=x", "after=99999999999999", "outcome=%00", "reason=' OR 1", "currency=💶"]
    )
    def test_survives_odd_addresses(self, baseline: Baseline, mei: User, query: str) -> None:
        run_baseline(job_id=baseline.job_id)

        assert desk_of(mei).get(f"{address_of(baseline)}?{query}").status_code == 200

    def test_is_not_there_for_strangers(self, baseline: Baseline, world: World, milo: User) -> None:
        assign_to_teams(user=milo, teams=[world.team("us-dtc")])

        assert desk_of(fresh(milo)).get(address_of(baseline)).status_code == 404
