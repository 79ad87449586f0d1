"""The pages and addresses of erasures: whom they show what, and that a service account only asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from config.kernel.people import assign_to_teams
from refunds.erasures.holding import Held, set_legal_hold
from refunds.models import Customer, Erasure, LegalHold
from tests.api.conftest import Caller
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .people import EMAIL, NAME, asked_for, confirmed, customer_called, declined_of, rita_of, years

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

OBJECTION = "Objection, Art. 17(1)(c)"


class TestTheErasuresPage:
    def test_shows_what_would_go_before_anybody_asks(self, world: World, client: Client, root: User) -> None:
        request = declined_of(world, customer_called("17850"))
        declined_of(world, customer_called("2", email="other@mail.example"))
        client.force_login(root)

        page = client.get("/erasures/", {"customer": EMAIL}).content.decode()

        assert "shop-uk 17850" in page
        assert "These may be the same person" in page
        assert "other@mail.example" in page
        assert f"{request.reference}: texts and files" in page
        assert "Ask a second person to confirm" in page
        assert "Nobody was found" in client.get("/erasures/", {"customer": "nobody"}).content.decode()
        assert not Erasure.objects.exists()

    def test_lets_one_ask_and_another_erase(self, world: World, client: Client, root: User, dana: User) -> None:
        request = declined_of(world, customer_called("17850"))
        client.force_login(root)
        assert client.post("/erasures/", {"customer": "nobody", "basis": "objection"}).status_code == 422
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "because"}).status_code == 422
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "objection"}).status_code == 302
        address = f"/erasures/{Erasure.objects.get().pk}/"
        assert "You asked for this." in client.get(address).content.decode()
        assert client.post(f"{address}confirm/").status_code == 403
        client.force_login(rita_of(world))
        assert "Erase for ever" in client.get(address).content.decode()
        assert client.post(f"{address}confirm/").status_code == 302
        assert client.post(f"{address}confirm/").status_code == 409
        page = client.get(address).content.decode()
        assert "Customer records without name" in page
        assert f"{request.reference}: letters" in page
        assert Customer.objects.get().name == ""

    def test_leaves_a_tombstone_on_the_request(self, world: World, client: Client, dana: User) -> None:
        request = declined_of(world, customer_called("17850"))
        assert Caller(dana).get(f"refund-requests/{request.reference}").json()["erased"] is None
        confirmed(world, customer_called("17850"), at=NOON + years(9))
        told = Caller(dana).get(f"refund-requests/{request.reference}").json()["erased"]
        assert (told["basis"], told["at"][:4]) == ("objection", str((NOON + years(9)).year))
        client.force_login(dana)
        page = client.get(request.get_absolute_url()).content.decode()
        assert "Erased on" in page
        assert OBJECTION in page
        assert "zykwort" not in page.lower()

    def test_lets_nobody_add_to_what_is_erased(self, world: World, client: Client, amir: User) -> None:
        request = declined_of(world, customer_called("17850"))
        confirmed(world, customer_called("17850"), at=NOON + years(9))
        client.force_login(amir)
        address = f"{request.get_absolute_url()}evidence/"
        answer = client.post(address, {"kind": "photo", "file": upload(drawing())})
        assert (answer.status_code, "nothing is added to it" in answer.content.decode()) == (422, True)
        told = Caller(amir).upload(
            f"refund-requests/{request.reference}/evidence", kind="photo", file=upload(drawing())
        )
        assert (told.status_code, told.json()["code"]) == (422, "erased")

    def test_sets_and_lifts_holds(self, world: World, client: Client, root: User) -> None:
        request = declined_of(world, customer_called("17850"))
        client.force_login(root)
        for over, which in (("customer", EMAIL), ("request", request.reference.lower()), ("team", "uk-retail")):
            form = {"over": over, "which": which, "matter": f"HC-1 {over}"}
            assert client.post("/erasures/holds/", form).status_code == 302
            wrong = client.post("/erasures/holds/", form | {"which": "nothing"})
            assert (wrong.status_code, "nothing" in wrong.content.decode()) == (422, True)
        assert LegalHold.objects.count() == 3
        assert "HC-1 team" in client.get("/erasures/").content.decode()
        hold = LegalHold.objects.order_by("set_at")[0]
        assert client.post(f"/erasures/holds/{hold.pk}/lift/", {"why": ""}).status_code == 422
        assert client.post(f"/erasures/holds/{hold.pk}/lift/", {"why": "Over."}).status_code == 302
        assert client.post(f"/erasures/holds/{hold.pk}/lift/", {"why": "Over."}).status_code == 409

    def test_shows_a_stranger_nothing(self, world: World, client: Client, amir: User, ada: User) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        address = f"/erasures/{asked_for(customer).pk}/"
        client.force_login(amir)
        assert client.get("/erasures/").status_code == 403
        assert client.get(address).status_code == 403
        client.force_login(ada)
        assert client.get("/erasures/", {"customer": EMAIL}).status_code == 200
        assert NAME not in client.get("/erasures/", {"customer": EMAIL}).content.decode()
        assert client.get(address).status_code == 200
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "objection"}).status_code == 403
        assert client.post(f"{address}confirm/").status_code == 403

    def test_lets_finance_confirm_what_an_administrator_asked(self, world: World, client: Client, lena: User) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        address = f"/erasures/{asked_for(customer).pk}/"
        client.force_login(lena)
        assert "Whom to forget" not in client.get("/erasures/").content.decode()
        assert client.post("/erasures/", {"customer": EMAIL, "basis": "objection"}).status_code == 403
        assert client.post(f"{address}confirm/").status_code == 302
        assert Customer.objects.get().name == ""

    def test_is_not_found_by_an_administrator_of_another_team(self, world: World, client: Client, root: User) -> None:
        customer = customer_called("17850")
        request = declined_of(world, customer)
        erasure = asked_for(customer)
        hold = set_legal_hold(over=Held(request_id=request.pk), matter="HC-1", actor=root, at=NOON)
        far = rita_of(world)
        assign_to_teams(user=far, teams=[world.team("us-dtc")])
        client.force_login(far)

        address = f"/erasures/{erasure.pk}/"
        probes = [
            client.get(address),
            client.post(f"{address}confirm/"),
            client.post(f"{address}refuse/"),
            client.post(f"/erasures/holds/{hold.pk}/lift/", {"why": "Over."}),
            Caller(far).get(f"erasures/{erasure.pk}"),
        ]
        assert [probe.status_code for probe in probes] == [404] * 5
        assert Caller(far).get("erasures").json()["results"] == []
        pages = (
            client.get("/erasures/").content.decode(),
            client.get("/erasures/", {"customer": "17850"}).content.decode(),
        )
        assert not any("shop-uk 17850" in page or "HC-1" in page for page in pages)
        for over, which in (("customer", "17850"), ("request", request.reference), ("team", "uk-retail")):
            form = {"over": over, "which": which, "matter": "HC-2"}
            assert client.post("/erasures/holds/", form).status_code == 422
        assert Caller(far).post("erasures", {"customer": "17850", "basis": "objection"}).status_code == 422
        assert (LegalHold.objects.count(), Erasure.objects.get().state) == (1, "waiting")


class TestTheErasuresOfTheApi:
    def test_are_asked_for_once(self, world: World) -> None:
        declined_of(world, customer_called("17850"))
        bot = Caller(settle("bot"))
        body = {"customer": EMAIL, "basis": "objection"}

        first = bot.post("erasures", body, key="k-1")
        again = bot.post("erasures", body, key="k-1")

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert Erasure.objects.count() == 1
        told = first.json()
        assert (told["state"], told["basis"], told["asked_by"]) == ("waiting", "objection", "bot")
        assert told["customers"] == [{"channel": "shop-uk", "external_id": "17850", "why": "named"}]
        assert "second person" in told["letter"][0]
        assert NAME not in first.content.decode()
        assert bot.get(f"erasures/{told['id']}").json()["id"] == told["id"]
        assert bot.post("erasures", body).status_code == 422

    def test_say_what_went_and_what_waits(self, world: World, root: User) -> None:
        customer = customer_called("17850")
        request = declined_of(world, customer)
        erasure = confirmed(world, customer, at=timezone.now())

        told = Caller(root).get(f"erasures/{erasure.pk}").json()

        assert told["erased"]["customers"] == 1
        assert [wait["what"] for wait in told["waits_for"]] == [
            f"{request.reference}: texts and files",
            f"{request.reference}: letters",
        ]
        assert told["due_on"] == told["waits_for"][0]["until"]

    def test_are_nobodys_who_did_not_ask(self, world: World, root: User) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        erasure = asked_for(customer)

        assert Caller(settle("bot")).get(f"erasures/{erasure.pk}").status_code == 404
        assert Caller(settle("bot")).get("erasures").json()["results"] == []
        assert Caller(settle("amir")).get(f"erasures/{erasure.pk}").status_code == 403
        assert len(Caller(root).get("erasures").json()["results"]) == 1

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ({"customer": "17850"}, 400),
            ({"customer": "17850", "basis": "because"}, 400),
            ({"customer": "nobody", "basis": "objection"}, 422),
            ({"customer": "17850", "basis": "objection", "now": True}, 400),
        ],
    )
    def test_refuse_what_they_cannot_do(self, world: World, body: dict[str, object], status: int) -> None:
        declined_of(world, customer_called("17850"))
        assert Caller(settle("bot")).post("erasures", body).status_code == status
