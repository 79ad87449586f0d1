"""A whole life with words one would recognise, then an erasure: none of them is left, and the chain still holds."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from config.kernel.idempotency import StoredAnswer, begin
from config.kernel.people import User, assign_to_teams, give_roles
from evidence.attachments import attach
from evidence.checkpoints.checking import check_checkpoints
from evidence.checkpoints.making import catch_up
from evidence.models import Attachment, Bundle, SubjectSalt
from evidence.reuse import reuse_of
from evidence.verification import verify
from refunds.bundles.asking import ask_for_request
from refunds.bundles.building import run_bundle
from refunds.erasures.asking import ask_erasure, confirm_erasure
from refunds.erasures.night import run_night
from refunds.gateways.registry import standing_in
from refunds.models import Customer, Delivery, Erasure, Match, Payment, StatementLine, Tombstone
from refunds.orders.upserting import CustomerFacts, upsert_order
from refunds.vocabulary import ErasureState
from tests.harness.people import STORIES, settle
from tests.refunds.orders.conftest import an_order

from .zykwort import EMAIL, NAME, WORDS, Life, Talkative, as_stored, files_with, moment, places_of, signs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from tests.harness.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Keep the files and the signing key of a test by themselves."""
    media = tmp_path / "media"
    settings.SIGNING_KEY_FILE = str(tmp_path / "signing_key.pem")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": media, "base_url": None},
        },
    }
    return media


@pytest.fixture
def rita(world: World) -> User:
    """Rita administers too, so that Root is not alone."""
    made = User.objects.create_user("rita")
    give_roles(user=made, roles=["administrator"])
    assign_to_teams(user=made, teams=world.teams.values())
    return User.objects.get(pk=made.pk)


@pytest.fixture
def life(world: World, root: User) -> Iterator[Life]:
    """Everything that can happen to a customer."""
    gateway = Talkative()
    with standing_in("stripe", gateway):
        yield Life(world, gateway)


def forgotten(life: Life, rita: User, *, years: int = 12) -> Erasure:
    """Ask and confirm, so many years from now, and let a night pass."""
    at = moment(years)
    customer = life.order.customer
    assert customer is not None
    asked = ask_erasure(customer_id=customer.pk, basis="objection", actor=settle("root"), at=at)
    confirm_erasure(erasure_id=asked.pk, actor=rita, at=at)
    run_night(at=at)
    return Erasure.objects.get(pk=asked.pk)


def figures() -> dict[str, Any]:
    """What the books say."""
    return {
        "payments": Payment.objects.aggregate(Sum("captured_minor"), Sum("refunded_minor"), Sum("reserved_minor")),
        "lines": list(StatementLine.objects.order_by("pk").values_list("external_id", "net_minor", "result")),
        "matches": list(Match.objects.order_by("pk").values_list("line__external_id", "operation_id")),
    }


def statuses(life: Life) -> dict[tuple[str, str], int]:
    """How her requests' pages answer everybody."""
    answers = {}
    for username in STORIES:
        client = Client()
        client.force_login(settle(username))
        for request in life.requests:
            answers[username, request.reference] = client.get(request.get_absolute_url()).status_code
    return answers


class TestForgettingACustomer:
    def test_leaves_no_sign_of_her_anywhere(self, life: Life, rita: User, folder: Path) -> None:
        signs = signs_of(life, Attachment.objects.all())
        before, pages = figures(), statuses(life)
        told = places_of(signs)
        assert told >= {
            "approvals_approvaldecision",
            "approvals_approvalroute",
            "approvals_freezeswitch",
            "approvals_savedview",
            "approvals_signedreview",
            "evidence_attachment",
            "evidence_attachmentfingerprint",
            "evidence_customermessage",
            "kernel_outboxrow",
            "kernel_storedanswer",
            "refunds_attempt",
            "refunds_customer",
            "refunds_delivery",
            "refunds_operation",
            "refunds_orderline",
            "refunds_refundrequest",
            "refunds_statement",
            "refunds_statementline",
        }
        assert len(files_with(signs, folder)) >= len(life.requests)
        catch_up(at=timezone.now())

        erasure = forgotten(life, rita)

        assert erasure.state == ErasureState.DONE
        assert places_of(signs) == set()
        assert files_with(signs, folder) == []
        assert [path for path in (folder / "evidence").rglob("*") if path.is_file()] == []
        assert not SubjectSalt.objects.filter(subject_id__in=[request.pk for request in life.requests]).exists()
        assert Tombstone.objects.filter(erasure=erasure).count() == len(life.requests)
        assert figures() == before
        assert statuses(life) == pages
        call_command("verify_ledger")
        assert verify().is_sound
        catch_up(at=moment(12))
        assert check_checkpoints(at=moment(12)).is_sound

    def test_is_not_undone_by_what_is_told_again(self, life: Life, rita: User) -> None:
        signs = {sign for sign in signs_of(life, []) if not sign.isdigit()}
        forgotten(life, rita)

        assert life.told("evt_paid") == 200
        assert life.told("evt_new", object_id=str(life.paid.operations.get().external_id)) == 200
        assert life.told("evt_newer") == 200
        for number in ("W-1", "W-2"):
            life.bought(number, key="again")

        assert Delivery.objects.filter(event_id__in=["evt_new", "evt_newer"]).count() == 2
        assert places_of(signs) == set()
        assert {one.name for one in Customer.objects.all()} == {""}

    def test_says_gone_where_an_answer_was_kept(self, life: Life, rita: User) -> None:
        caller, at = settle("bot"), moment(12)
        StoredAnswer.objects.update(created_at=at)
        kept = StoredAnswer.objects.get(key="first-W-1")
        customer = life.order.customer
        assert customer is not None
        asked = ask_erasure(customer_id=customer.pk, basis="objection", actor=settle("root"), at=at)
        confirm_erasure(erasure_id=asked.pk, actor=rita, at=at)

        again = begin(caller=caller, key=kept.key, fingerprint=kept.fingerprint, at=at)

        assert again is not None
        assert (again.status, json.loads(again.body)["code"]) == (410, "erased")

    def test_takes_away_bundles_that_hold_her_name(self, life: Life, rita: User, folder: Path) -> None:
        now = timezone.now()
        bundle = ask_for_request(refund_request=life.paid, has_files=True, actor=settle("ada"), at=now)
        run_bundle(job_id=bundle.job_id, at=now)
        kept = folder / str(Bundle.objects.get().file)
        with zipfile.ZipFile(kept) as packed:
            assert any(NAME.encode() in packed.read(name) for name in packed.namelist())

        forgotten(life, rita, years=0)

        assert not kept.exists()
        assert Customer.objects.get().name == ""
        assert as_stored(life.paid).note != ""

    def test_lets_her_photo_be_taken_for_new(self, life: Life, world: World, rita: User) -> None:
        agent = settle("amir")
        later = world.waiting(by=agent)

        def sent(name: str, request: Any) -> Attachment:
            file = SimpleUploadedFile(name, life.photo)
            return attach(
                subject=request.subject, team=request.team, kind="photo", file=file, actor=agent, at=timezone.now()
            )

        assert reuse_of(sent("one.jpg", later)) != []
        forgotten(life, rita)
        another = world.waiting(by=agent)
        assert {reuse.attachment.subject for reuse in reuse_of(sent("two.jpg", another))} == {later.subject}
        assert reuse_of(Attachment.objects.get(subject_id=later.pk))[0].attachment.subject == another.subject

    def test_hides_her_from_whoever_searches(self, life: Life, rita: User) -> None:
        forgotten(life, rita)
        client = Client()
        client.force_login(settle("amir"))
        for words in (NAME, EMAIL):
            page = client.get("/search/", {"q": words}, follow=True).content.decode().replace(words, "").lower()
            assert not any(word in page for word in WORDS)

    def test_is_not_undone_by_an_order_of_the_shop(self, life: Life, rita: User) -> None:
        forgotten(life, rita)
        told = CustomerFacts(external_id="17850", name=NAME, email=EMAIL, country="GB")
        order, is_new = upsert_order(order=an_order(customer=told), actor=settle("lena"), at=moment(12))
        assert is_new
        assert order.customer is not None
        assert (order.customer.name, order.customer.email, order.customer.country) == ("", "", "")
