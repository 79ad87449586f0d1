"""A whole life with words one would recognise, then an erasure: none of them is left, and the chain still holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg import sql

from approvals.vocabulary import Verdict
from config.kernel.people import User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import Attachment, CustomerMessage, SubjectSalt
from evidence.permissions import visible_to
from evidence.verification import verify
from refunds import erasing, workflow
from refunds.lookup import customers_named
from refunds.models import Customer, Erasure, LegalHold, RefundRequest, Tombstone
from refunds.orders.upserting import CustomerFacts, upsert_order
from refunds.selectors import orders_found
from refunds.vocabulary import ErasureState, State
from tests.evidence.builders import attach_one, drawing
from tests.harness.world import NOON, World
from tests.refunds.orders.conftest import an_order

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db

NAME, EMAIL, SECRET = "Persephone Zykwort", "p.zykwort@mail.example", "her divorce from Bartholomew"
TEXT = f"{NAME} ({EMAIL}) wrote about {SECRET}."
WORDS = ("persephone", "zykwort", "divorce", "bartholomew")

TEXT_COLUMNS = """
    SELECT c.relname, a.attname FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname = current_schema() AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY 1, 2
"""

YEARS = timedelta(days=1100)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Keep the files of a test by themselves."""
    media = tmp_path / "media"
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


def places_of(words: tuple[str, ...]) -> set[str]:
    """Name every column of the database, whatever its type, that holds one of these words."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(TEXT_COLUMNS)
        for table, column in cursor.fetchall():
            query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {t} WHERE {as_text} ILIKE ANY (%s))").format(
                t=sql.Identifier(table), as_text=_as_text(table, column)
            )
            cursor.execute(query, [[f"%{word}%" for word in words]])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def _as_text(table: str, column: str) -> sql.Composed:
    name = sql.Identifier(column)
    is_bytes = (table, column) in _byte_columns()
    return sql.SQL("encode({}, 'escape')").format(name) if is_bytes else sql.SQL("{}::text").format(name)


def _byte_columns() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND data_type = 'bytea'"
        )
        return set(cursor.fetchall())


def zykwort(world: World, agent: User, checker: User, verdict: Verdict = Verdict.DECLINE) -> RefundRequest:
    """Walk a request from the question to its end, her words everywhere."""
    customer = Customer.objects.create(channel="shop-uk", external_id="17850", name=NAME, email=EMAIL, country="GB")
    order = world.order(customer=customer, unit_minor=100_00)
    made = workflow.file_request(draft=replace(world.draft_of(order), note=TEXT), actor=agent, at=NOON)
    attach_one(made.subject, made.team, agent, drawing("PNG"), name=f"{NAME}.png")
    workflow.ask(reference=made.reference, question=TEXT, actor=checker, at=NOON)
    workflow.submit(reference=made.reference, actor=agent, at=NOON, answer=TEXT)
    workflow.decide(reference=made.reference, verdict=verdict, rationale=TEXT, actor=checker, at=NOON)
    return RefundRequest.objects.get(pk=made.pk)


def forgotten(request: RefundRequest, asker: User, confirmer: User, *, at: datetime) -> Erasure:
    """Ask and confirm."""
    asked = erasing.ask_erasure(customer_id=request.customer_id or 0, basis="objection", actor=asker, at=at)
    return erasing.confirm_erasure(erasure_id=asked.pk, actor=confirmer, at=at)


class TestErasure:
    def test_leaves_no_word_anywhere_and_the_chain_whole(
        self, world: World, amir: User, dana: User, root: User, rita: User, folder: Path
    ) -> None:
        request = zykwort(world, amir, dana)
        assert places_of(WORDS) > {"refunds_customer.name", "refunds_refundrequest.note", "evidence_attachment.name"}
        assert [path for path in folder.rglob("*") if path.is_file()]
        assert verify().is_sound

        erasure = forgotten(request, root, rita, at=NOON + YEARS)
        erasing.carry_out_due(at=NOON + YEARS)

        assert erasure.state == ErasureState.DONE
        assert places_of(WORDS) == set()
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        assert not SubjectSalt.objects.filter(subject_id=request.pk).exists()
        assert verify().is_sound
        assert Tombstone.objects.get(refund_request=request).erasure.basis == "objection"

    def test_keeps_ids_amounts_and_the_decision(
        self, world: World, amir: User, dana: User, root: User, rita: User
    ) -> None:
        request = zykwort(world, amir, dana)
        forgotten(request, root, rita, at=NOON + YEARS)
        after = RefundRequest.objects.get(pk=request.pk)
        assert (after.reference, after.requested_minor, after.state) == (
            request.reference,
            request.requested_minor,
            State.DECLINED,
        )
        assert after.declined_by_id == dana.pk
        assert CustomerMessage.objects.filter(subject_id=request.pk, body="", erased_at__isnull=False).exists()

    def test_hides_the_person_from_whoever_searches(
        self, world: World, amir: User, dana: User, root: User, rita: User
    ) -> None:
        request = zykwort(world, amir, dana)
        assert customers_named(amir, "Zykwort", most=5)
        forgotten(request, root, rita, at=NOON + YEARS)
        assert customers_named(amir, "Zykwort", most=5) == []
        assert list(orders_found(amir, EMAIL)) == []
        assert not visible_to(dana).exists()
        assert Attachment.objects.count() == 1

    def test_waits_for_the_law_and_goes_on_its_day(
        self, world: World, amir: User, dana: User, root: User, rita: User
    ) -> None:
        request = zykwort(world, amir, dana)
        early = forgotten(request, root, rita, at=NOON + timedelta(days=1))
        assert early.state == ErasureState.BLOCKED
        assert early.due_on == (NOON + timedelta(days=1097)).date()
        assert Customer.objects.get().name == NAME

        assert erasing.carry_out_due(at=NOON + timedelta(days=1096)) == 0
        assert erasing.carry_out_due(at=NOON + timedelta(days=1097)) == 1
        assert Customer.objects.get().name == ""

    def test_waits_ten_years_where_money_moved(
        self, world: World, amir: User, dana: User, root: User, rita: User
    ) -> None:
        request = zykwort(world, amir, dana, Verdict.APPROVE)
        living = forgotten(request, root, rita, at=NOON + YEARS)
        assert (living.state, living.due_on) == (ErasureState.BLOCKED, None)
        assert Customer.objects.get().name == NAME

    def test_waits_for_a_legal_hold(self, world: World, amir: User, dana: User, root: User, rita: User) -> None:
        request = zykwort(world, amir, dana)
        hold = erasing.set_legal_hold(customer_id=request.customer_id or 0, matter="HC-2026-14", actor=root, at=NOON)
        assert forgotten(request, root, rita, at=NOON + YEARS).state == ErasureState.BLOCKED
        assert not Tombstone.objects.exists()

        erasing.lift_legal_hold(hold_id=hold.pk, actor=rita, at=NOON + YEARS)
        assert erasing.carry_out_due(at=NOON + YEARS) == 1
        with pytest.raises(OutOfDate):
            erasing.lift_legal_hold(hold_id=hold.pk, actor=rita, at=NOON + YEARS)

    def test_takes_two_people(self, world: World, amir: User, dana: User, root: User, lena: User) -> None:
        request = zykwort(world, amir, dana)
        of = request.customer_id or 0
        with pytest.raises(NotPermitted):
            erasing.ask_erasure(customer_id=of, basis="objection", actor=lena, at=NOON)
        asked = erasing.ask_erasure(customer_id=of, basis="objection", actor=root, at=NOON)
        with pytest.raises(Refused):
            erasing.ask_erasure(customer_id=of, basis="objection", actor=root, at=NOON)
        with pytest.raises(NotPermitted):
            erasing.confirm_erasure(erasure_id=asked.pk, actor=root, at=NOON)
        with pytest.raises(IntegrityError, match="erasure_is_answered_by_another"), transaction.atomic():
            Erasure.objects.filter(pk=asked.pk).update(state="blocked", answered_by=root)
        assert Erasure.objects.get().state == ErasureState.WAITING

    def test_leaves_a_tombstone_nobody_moves(
        self, world: World, amir: User, dana: User, root: User, rita: User
    ) -> None:
        forgotten(zykwort(world, amir, dana), root, rita, at=NOON + YEARS)
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            Tombstone.objects.update(erased_at=NOON)
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Erasure.objects.update(basis="unlawful")

    def test_is_not_undone_by_the_shop_telling_again(
        self, world: World, amir: User, dana: User, lena: User, root: User, rita: User
    ) -> None:
        forgotten(zykwort(world, amir, dana), root, rita, at=NOON + YEARS)
        told = CustomerFacts(external_id="17850", name=NAME, email=EMAIL, country="GB")
        order, is_new = upsert_order(order=an_order(customer=told), actor=lena, at=NOON + YEARS)
        assert is_new
        assert order.customer is not None
        assert (order.customer.name, order.customer.email, order.customer.country) == ("", "", "")
        assert places_of(WORDS) == set()


class TestTheErasuresPage:
    def test_lets_one_ask_and_another_erase(
        self, world: World, client: Client, amir: User, dana: User, root: User, rita: User
    ) -> None:
        request = zykwort(world, amir, dana)
        RefundRequest.objects.filter(pk=request.pk).update(
            decided_at=NOON - YEARS, updated_at=NOON - YEARS, submitted_at=NOON - YEARS
        )
        client.force_login(root)
        assert client.post("/erasures/", {"customer": "nobody", "basis": "objection"}).status_code == 422
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "objection"}).status_code == 302
        erasure = Erasure.objects.get()
        assert client.post(f"/erasures/{erasure.pk}/confirm/").status_code == 403
        client.force_login(rita)
        assert client.post(f"/erasures/{erasure.pk}/confirm/").status_code == 302
        client.force_login(dana)
        page = client.get(request.get_absolute_url()).content.decode()
        assert "Erased on" in page
        assert "Objection, Art. 17(1)(c)" in page
        assert "zykwort" not in page.lower()
        client.force_login(root)
        assert "Erased" in client.get("/erasures/").content.decode()

    def test_sets_and_lifts_a_hold(self, world: World, client: Client, amir: User, dana: User, root: User) -> None:
        zykwort(world, amir, dana)
        client.force_login(root)
        assert client.post("/erasures/holds/", {"customer": "17850", "matter": "HC-1"}).status_code == 302
        hold = LegalHold.objects.get()
        assert "HC-1" in client.get("/erasures/").content.decode()
        assert client.post(f"/erasures/holds/{hold.pk}/lift/").status_code == 302
        assert client.post(f"/erasures/holds/{hold.pk}/lift/").status_code == 409

    def test_shows_a_stranger_nothing(self, world: World, client: Client, amir: User, dana: User, ada: User) -> None:
        zykwort(world, amir, dana)
        client.force_login(amir)
        assert client.get("/erasures/").status_code == 403
        client.force_login(ada)
        assert client.get("/erasures/").status_code == 200
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "objection"}).status_code == 403
