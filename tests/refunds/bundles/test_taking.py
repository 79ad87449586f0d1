"""Whose bundles are whose: pages, addresses, what is recorded, when they go."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from config.kernel.jobs import JobState
from config.kernel.people import Team, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, Refused
from evidence.bundles import keeping, verify
from evidence.bundles.links import address_of, token_for
from evidence.ledger import timeline_of
from evidence.models import Bundle, BundleDownload
from refunds.bundles import building
from refunds.bundles.asking import ask_for_population, ask_for_request
from refunds.bundles.building import run_bundle
from refunds.bundles.populations import Population
from tests.api.conftest import Caller
from tests.harness.people import settle
from tests.harness.world import NOON

from .parcels import LATER, TODAY, Files

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]


@pytest.fixture
def waiting(world: World, amir: User) -> RefundRequest:
    """Have one request wait for a signature."""
    return world.waiting(by=amir)


def ready(refund_request: RefundRequest, person: User) -> Bundle:
    """Have a bundle built that can be taken now."""
    now = timezone.now()
    asked = ask_for_request(refund_request=refund_request, has_files=False, actor=person, at=now)
    run_bundle(job_id=asked.job_id, at=now)
    return keeping.bundles_of(person).get(pk=asked.pk)


def browser(person: User) -> Client:
    """Log somebody in."""
    client = Client()
    client.force_login(person, backend="config.kernel.backend.PeopleBackend")
    return client


def body_of(answer: Any) -> bytes:
    """Read an answer that comes in parts."""
    return b"".join(answer.streaming_content)


class TestTheButton:
    def test_queues_a_bundle_and_leads_to_its_progress(self, waiting: RefundRequest, ada: User) -> None:
        client = browser(ada)
        assert "Build evidence bundle" in client.get(f"/requests/{waiting.reference}/").content.decode()

        answer = client.post(f"/requests/{waiting.reference}/bundle/", {"has_files": "on"})

        bundle = Bundle.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/bundles/{bundle.pk}/")
        assert bundle.has_files
        page = client.get(answer["Location"]).content.decode()
        assert "Waiting for the worker that signs" in page
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page

    def test_is_answered_to_a_stranger_as_if_there_were_nothing(self, waiting: RefundRequest, asha: User) -> None:
        assert browser(asha).post(f"/requests/{waiting.reference}/bundle/").status_code == 404

    def test_says_no_to_a_fourth_one_at_a_time(self, waiting: RefundRequest, ada: User) -> None:
        for _ in range(3):
            ask_for_request(refund_request=waiting, has_files=False, actor=ada, at=LATER)

        answer = browser(ada).post(f"/requests/{waiting.reference}/bundle/")

        assert answer.status_code == 422
        assert "3 bundles of yours are under way" in answer.content.decode()


class TestTheProgressPage:
    def test_leads_to_a_file_that_verifies_and_records_who_took_it(self, waiting: RefundRequest, ada: User) -> None:
        bundle, client = ready(waiting, ada), browser(ada)
        page = client.get(f"/bundles/{bundle.pk}/")
        address = page.context["address"]
        assert address in page.content.decode()

        answer = client.get(address)

        content = body_of(answer)
        assert answer["Content-Type"] == "application/zip"
        assert answer["Content-Disposition"].startswith(f'attachment; filename="evidence-{waiting.reference}-')
        assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
        with zipfile.ZipFile(BytesIO(content)) as archive:
            verify.verify(Files({name: archive.read(name) for name in archive.namelist()}))
        download = BundleDownload.objects.get()
        assert (download.bundle, download.taken_by) == (bundle, ada)
        assert timeline_of(waiting.subject).filter(kind="bundle.taken").get().actor == ada

    def test_that_was_only_looked_at_records_nothing(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ready(waiting, ada)

        browser(ada).head(address_of(bundle))

        assert not BundleDownload.objects.exists()

    def test_stops_and_builds_again(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ask_for_request(refund_request=waiting, has_files=False, actor=ada, at=LATER)
        client = browser(ada)

        client.post(f"/bundles/{bundle.pk}/", {"stop": "1"})
        assert "It was stopped." in client.get(f"/bundles/{bundle.pk}/").content.decode()
        client.post(f"/bundles/{bundle.pk}/")

        bundle.refresh_from_db()
        assert bundle.job.state == "queued"

    def test_is_a_fragment_for_htmx(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ready(waiting, ada)

        answer = browser(ada).get(f"/bundles/{bundle.pk}/", headers={"HX-Request": "true"})

        assert answer.content.decode().startswith('<section id="progress"')


class TestEveryAddress:
    def test_of_somebody_elses_bundle_leads_nowhere(
        self, waiting: RefundRequest, ada: User, root: User, viktor: User, zeus: User
    ) -> None:
        bundle = ready(waiting, ada)
        for other in (root, viktor, zeus):
            client, caller = browser(other), Caller(other)
            heard = [
                client.get(f"/bundles/{bundle.pk}/").status_code,
                client.post(f"/bundles/{bundle.pk}/", {"stop": "1"}).status_code,
                client.get(address_of(bundle)).status_code,
                caller.get(f"bundles/{bundle.pk}").status_code,
                caller.get(f"bundles/{bundle.pk}/file").status_code,
                caller.post(f"bundles/{bundle.pk}/cancel").status_code,
            ]
            assert heard == [404] * 6, other
        assert not BundleDownload.objects.exists()

    @pytest.mark.parametrize("bend", ["x", "..", "%2e%2e%2f", "é"])
    def test_that_was_bent_leads_nowhere(self, waiting: RefundRequest, ada: User, bend: str) -> None:
        bundle, client = ready(waiting, ada), browser(ada)

        assert client.get(f"/bundles/files/{token_for(bundle)}{bend}/").status_code == 404
        assert client.get(f"/bundles/{uuid4()}/").status_code == 404

    def test_of_a_file_is_good_for_minutes(self, waiting: RefundRequest, ada: User, settings: Settings) -> None:
        address, client = address_of(ready(waiting, ada)), browser(ada)

        with time_machine.travel(timezone.now() + timedelta(seconds=settings.EVIDENCE_LINK_SECONDS + 5), tick=False):
            assert client.get(address).status_code == 404

    def test_needs_the_rights_it_was_built_with(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ready(waiting, ada)

        give_roles(user=ada, roles=["quality"])

        assert browser(ada).get(address_of(bundle)).status_code == 403
        assert browser(ada).get(f"/bundles/{bundle.pk}/").context["address"] == ""

    def test_needs_the_teams_it_was_built_with(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ready(waiting, ada)

        assign_to_teams(user=ada, teams=[Team.objects.get(slug="us-dtc")])

        assert browser(ada).get(address_of(bundle)).status_code == 403


class TestTheSweep:
    def test_removes_the_file_after_a_day_and_leaves_the_row(self, waiting: RefundRequest, ada: User) -> None:
        bundle = ready(waiting, ada)
        file = str(bundle.file)
        assert bundle.built_at is not None

        assert keeping.remove_expired(at=bundle.built_at + timedelta(hours=23)) == 0
        assert keeping.remove_expired(at=bundle.built_at + timedelta(hours=24)) == 1

        assert not default_storage.exists(file)
        assert "It was removed." in browser(ada).get(f"/bundles/{bundle.pk}/").content.decode()

    def test_takes_what_may_hold_the_texts_of_somebody_who_is_forgotten(
        self, world: World, waiting: RefundRequest, amir: User, ada: User
    ) -> None:
        other = world.waiting(by=amir)
        about_her, about_another = ready(waiting, ada), ready(other, ada)
        now = timezone.now()

        keeping.expire_bundles_about(waiting.subject, at=now)

        assert browser(ada).get(address_of(about_her)).status_code == 404
        assert browser(ada).get(address_of(about_another)).status_code == 200
        assert keeping.remove_expired(at=now) == 1

    def test_is_not_kept_when_somebody_in_it_is_forgotten_while_it_is_built(
        self, waiting: RefundRequest, ada: User, private_files: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = timezone.now()
        asked = ask_for_request(refund_request=waiting, has_files=False, actor=ada, at=now)

        def keep_too_late(**built: Any) -> None:
            keeping.expire_bundles_about(waiting.subject, at=now)
            keeping.keep_bundle(**built)

        monkeypatch.setattr(building, "keep_bundle", keep_too_late)
        run_bundle(job_id=asked.job_id, at=now)

        bundle = keeping.bundles_of(ada).get()
        assert (bundle.job.state, bundle.built_at, str(bundle.file)) == (JobState.CANCELLED, None, "")
        assert not list(private_files.rglob("*.zip"))

    def test_keeps_what_lies_on_the_disk_private(self, waiting: RefundRequest, ada: User, private_files: Path) -> None:
        bundle = ready(waiting, ada)

        assert (private_files / str(bundle.file)).is_file()
        assert Client().get(f"/media/{bundle.file}").status_code == 404


class TestAPopulation:
    def test_is_counted_before_it_is_built(self, waiting: RefundRequest, ada: User) -> None:
        asked = {"dated_by": "created_at", "from_on": "2026-11-20", "until_on": "2026-11-20", "sample_size": "5"}
        client = browser(ada)

        page = client.get("/bundles/", asked)

        assert "1 request" in page.content.decode()
        assert "£100.00" in page.content.decode()
        assert not Bundle.objects.exists()
        assert client.post("/bundles/", asked).status_code == 302
        assert Bundle.objects.get().title.startswith("1 of 1 refund requests created from 20 Nov 2026")

    def test_is_offered_only_to_those_who_may_take_one(self, waiting: RefundRequest, amir: User, dana: User) -> None:
        asked = {"dated_by": "created_at", "from_on": "2026-11-20", "until_on": "2026-11-20", "sample_size": "5"}

        for person in (amir, dana):
            assert "Count it" not in browser(person).get("/bundles/").content.decode()
            assert browser(person).post("/bundles/", asked).status_code == 403
            with pytest.raises(NotPermitted):
                ask_for_population(population=TODAY, sample_size=1, seed="", has_files=False, actor=person, at=NOON)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"sample_size": 0}, "too_large"),
            ({"sample_size": 501}, "too_large"),
            ({"seed": "x" * 65}, "invalid"),
            ({"seed": "a\nb"}, "invalid"),
            ({"known_checkpoint": 99}, "no_checkpoint"),
        ],
    )
    def test_is_refused_beyond_its_bounds(
        self, waiting: RefundRequest, ada: User, changed: dict[str, Any], code: str
    ) -> None:
        asked: dict[str, Any] = {"population": TODAY, "sample_size": 1, "seed": "", "has_files": False}

        with pytest.raises(Refused) as no:
            ask_for_population(**asked | changed, actor=ada, at=NOON)

        assert no.value.code == code
        assert not Bundle.objects.exists()

    def test_is_refused_with_every_reason(self, waiting: RefundRequest, ada: User) -> None:
        backwards = Population(dated_by="updated_at", from_on=LATER.date(), until_on=LATER.date() - timedelta(days=1))

        with pytest.raises(Refused) as no:
            ask_for_population(population=backwards, sample_size=0, seed="", has_files=False, actor=ada, at=NOON)

        assert [reason.field for reason in no.value.reasons] == ["dated_by", "until_on", "sample_size"]


class TestTheApi:
    def test_hands_out_the_bundle_of_a_request_while_the_caller_waits(
        self, waiting: RefundRequest, ada: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        settings.BUNDLE_PATIENCE_SECONDS = 5.0
        job = iter(lambda: Bundle.objects.filter(built_at=None).first(), None)
        # The worker, who works while the caller sleeps.
        monkeypatch.setattr(
            "refunds.api.bundles.time.sleep",
            lambda _seconds: run_bundle(job_id=next(job).job_id, at=timezone.now()),
        )

        answer = Caller(ada).get(f"refund-requests/{waiting.reference}/bundle")

        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert zipfile.ZipFile(BytesIO(body_of(answer))).testzip() is None
        assert BundleDownload.objects.get().taken_by == ada

    def test_says_where_to_ask_when_the_worker_is_busy_and_finds_the_same_one_again(
        self, waiting: RefundRequest, ada: User
    ) -> None:
        caller = Caller(ada)

        first, second = (caller.get(f"refund-requests/{waiting.reference}/bundle") for _ in range(2))

        assert [first.status_code, second.status_code, first["Retry-After"]] == [202, 202, "5"]
        assert first.json()["id"] == second.json()["id"]
        assert (first.json()["job"]["state"], first.json()["file"]) == ("queued", None)

    def test_builds_anew_what_was_asked_for_long_ago(self, waiting: RefundRequest, ada: User) -> None:
        caller = Caller(ada)
        first = caller.get(f"refund-requests/{waiting.reference}/bundle")
        Bundle.objects.update(asked_at=timezone.now() - timedelta(minutes=11))

        second = caller.get(f"refund-requests/{waiting.reference}/bundle")

        assert first.json()["id"] != second.json()["id"]

    def test_names_the_bundle_in_the_links_of_a_request(self, waiting: RefundRequest, ada: User) -> None:
        told = Caller(ada).get(f"refund-requests/{waiting.reference}").json()["links"]["bundle"]

        assert told.endswith(f"/api/v1/refund-requests/{waiting.reference}/bundle")

    def test_builds_a_population_as_a_job(self, waiting: RefundRequest, ada: User) -> None:
        caller = Caller(ada)
        body = {"from_on": "2026-11-01", "until_on": "2026-11-30", "sample_size": 10, "seed": "2026"}

        asked = caller.post("bundles", body)
        now = timezone.now()
        run_bundle(job_id=asked.json()["job"]["id"], at=now)
        told = caller.get(f"bundles/{asked.json()['id']}").json()

        assert asked.status_code == 202
        assert told["job"]["state"] == "succeeded"
        assert caller.get(f"jobs/{told['job']['id']}").json()["result"]["bundle"] == told["id"]
        answer = caller.get(f"bundles/{told['id']}/file")
        assert body_of(answer)[:2] == b"PK"
        assert [each["id"] for each in caller.get("bundles").json()["results"]] == [told["id"]]

    def test_refuses_words_it_does_not_know(self, waiting: RefundRequest, ada: User) -> None:
        body = {"from_on": "2026-11-01", "until_on": "2026-11-30", "sample_size": 10, "everything": True}

        assert Caller(ada).post("bundles", body).status_code == 400
        assert Caller(settle("sam")).post("bundles", body).status_code == 403
