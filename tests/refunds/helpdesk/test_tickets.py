"""From a ticket to a request and back into the ticket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from approvals.vocabulary import Verdict
from config.kernel.people import Team
from config.kernel.refusals import OutOfDate, Refused
from evidence.ledger import timeline_of
from refunds import workflow
from refunds.helpdesk.linking import link_ticket, unlink_ticket
from refunds.helpdesk.tickets import MOST_TICKETS, TicketName
from refunds.models import Announcement, Helpdesk, RefundRequest, TicketLink
from refunds.outgoing.vocabulary import Event
from tests.api.conftest import Caller
from tests.architecture.asking import client_of
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.outgoing.stage import endpoint_at

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

TICKET = TicketName("zendesk", "35436")


@pytest.fixture(autouse=True)
def zendesk(db: None) -> Helpdesk:
    """Set up a helpdesk that every team uses."""
    address = "https://shop.zendesk.com/agent/tickets/{ticket}"
    return Helpdesk.objects.create(slug="zendesk", title="Zendesk", address=address, created_at=NOON)


def tickets_of(refund_request: RefundRequest) -> list[str]:
    return [str(one.ticket_id) for one in TicketLink.objects.filter(refund_request=refund_request)]


def notes() -> list[dict[str, Any]]:
    """Read what was told for tickets, in order."""
    told = Announcement.objects.filter(event=Event.TICKET).order_by("pk")
    return [dict(json.loads(one.body)["data"]) for one in told]


class TestALink:
    def test_is_on_record_and_set_once(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)

        for _ in range(2):
            link_ticket(reference=waiting.reference, name=TICKET, actor=amir, at=NOON)

        assert tickets_of(waiting) == ["35436"]
        said = [entry.sentence for entry in timeline_of(waiting.subject)]
        assert said.count("linked ticket 35436 of Zendesk.") == 1

    def test_is_taken_away_once(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        link_ticket(reference=waiting.reference, name=TICKET, actor=amir, at=NOON)
        link_id = TicketLink.objects.get().pk

        unlink_ticket(reference=waiting.reference, link_id=link_id, actor=amir, at=NOON)
        with pytest.raises(OutOfDate):
            unlink_ticket(reference=waiting.reference, link_id=link_id, actor=amir, at=NOON)

        assert tickets_of(waiting) == []
        assert [entry.kind for entry in timeline_of(waiting.subject)].count("refund_request.ticket_unlinked") == 1

    @pytest.mark.parametrize(
        ("helpdesk", "ticket_id", "code"),
        [
            ("gorgias", "1", "unknown_helpdesk"),
            ("", "1", "unknown_helpdesk"),
            ("zendesk", "", "invalid"),
            ("zendesk", "../admin", "invalid"),
            ("zendesk", "1" * 81, "invalid"),
            ("zendesk", "4242424242424242", "card_number_in_text"),
        ],
    )
    def test_to_nothing_is_refused(self, world: World, amir: User, helpdesk: str, ticket_id: str, code: str) -> None:
        waiting = world.waiting(by=amir)

        with pytest.raises(Refused) as no:
            link_ticket(reference=waiting.reference, name=TicketName(helpdesk, ticket_id), actor=amir, at=NOON)

        assert no.value.reasons[0].code == code
        assert tickets_of(waiting) == []

    def test_to_a_helpdesk_of_another_team_or_out_of_use_is_refused(
        self, world: World, amir: User, zendesk: Helpdesk
    ) -> None:
        waiting = world.waiting(by=amir)
        for team, is_active in ((Team.objects.get(slug="us-dtc"), True), (None, False)):
            Helpdesk.objects.filter(pk=zendesk.pk).update(team=team, is_active=is_active)
            with pytest.raises(Refused):
                link_ticket(reference=waiting.reference, name=TICKET, actor=amir, at=NOON)

        assert tickets_of(waiting) == []

    def test_is_one_of_a_bounded_number(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        for number in range(MOST_TICKETS):
            link_ticket(reference=waiting.reference, name=TicketName("zendesk", f"{number}"), actor=amir, at=NOON)

        with pytest.raises(Refused, match="at most 20"):
            link_ticket(reference=waiting.reference, name=TICKET, actor=amir, at=NOON)


class TestFromTheTicket:
    def test_a_request_is_opened_on_an_order_without_a_script(self, world: World, amir: User) -> None:
        order, browser = world.order(), client_of(amir)
        page = browser.get(reverse("refunds:ticket", args=["zendesk", "35436"]), {"q": order.external_id})
        assert "No request answers this ticket yet" in page.text
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        assert f"{address}?ticket=zendesk%3A35436" in page.text

        form = browser.get(address, {"ticket": str(TICKET)}).text
        assert '<input type="hidden" name="ticket" value="zendesk:35436">' in form
        line = order.lines.get()
        typed = {f"quantity_{line.pk}": "1", "reason": "changed_mind", "ticket": str(TICKET), "do": "submit"}
        assert browser.post(address, typed).status_code == 302

        filed = RefundRequest.objects.get()
        assert tickets_of(filed) == ["35436"]
        again = browser.get(reverse("refunds:ticket", args=["zendesk", "35436"])).text
        assert filed.reference in again
        assert "https://shop.zendesk.com/agent/tickets/35436" in again

    def test_the_search_keeps_the_ticket(self, world: World, amir: User) -> None:
        order = world.order()

        page = client_of(amir).get(reverse("refunds:intake"), {"q": order.external_id, "ticket": str(TICKET)}).text

        assert "?ticket=zendesk%3A35436" in page
        assert '<input type="hidden" name="ticket" value="zendesk:35436">' in page

    def test_what_no_helpdesk_has_is_refused_and_keeps_what_was_typed(self, world: World, amir: User) -> None:
        order = world.order()
        line = order.lines.get()
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        typed = {f"quantity_{line.pk}": "3", "reason": "changed_mind", "ticket": "gorgias:1", "do": "submit"}

        answer = client_of(amir).post(address, typed)

        assert answer.status_code == 422
        assert 'value="3"' in answer.text
        assert not RefundRequest.objects.exists()


def asked(order: Order, **more: Any) -> dict[str, Any]:
    """Ask for one piece of an order, as a machine does."""
    lines = [{"line": "1", "quantity": 1}]
    return {"channel": order.channel, "order": order.external_id, "reason": "changed_mind", "lines": lines, **more}


class TestOverTheApi:
    def test_a_request_names_its_ticket_and_is_found_by_it(self, world: World, bot: User) -> None:
        machine = Caller(bot)

        first = machine.post("refund-requests", asked(world.order(), ticket={"helpdesk": "zendesk", "id": "35436"}))
        machine.post("refund-requests", asked(world.order()))
        found = machine.get("refund-requests", ticket="zendesk:35436").json()["results"]

        assert first.status_code == 201
        assert first.json()["tickets"] == [
            {"helpdesk": "zendesk", "id": "35436", "page": "https://shop.zendesk.com/agent/tickets/35436"}
        ]
        assert [one["reference"] for one in found] == [first.json()["reference"]]

    def test_an_unknown_helpdesk_files_nothing(self, world: World, bot: User) -> None:
        answer = Caller(bot).post("refund-requests", asked(world.order(), ticket={"helpdesk": "gorgias", "id": "1"}))

        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_helpdesk")
        assert not RefundRequest.objects.exists()


class TestWhatIsWrittenBack:
    def test_is_a_sentence_for_each_step_and_nobodys_name(self, world: World, amir: User, dana: User) -> None:
        endpoint_at(events=[Event.TICKET])
        waiting = world.waiting(by=amir)
        assert notes() == []
        link_ticket(reference=waiting.reference, name=TICKET, actor=amir, at=NOON)

        workflow.decide(
            reference=waiting.reference, verdict=Verdict.DECLINE, rationale="Opened and worn.", actor=dana, at=NOON
        )

        (note,) = notes()
        assert note["note"] == f"{waiting.reference}: the refund was declined."
        assert (note["helpdesk"], note["ticket"], note["state"]) == ("zendesk", "35436", "declined")
        assert note["page"].endswith(waiting.get_absolute_url())
        assert "worn" not in json.dumps(note)

    def test_begins_with_the_request_that_was_opened_for_it(self, world: World, amir: User, dana: User) -> None:
        endpoint_at(events=[Event.TICKET])
        order = world.order(unit_minor=100_00)
        browser = client_of(amir)
        line = order.lines.get()
        typed = {f"quantity_{line.pk}": "1", "reason": "changed_mind", "ticket": str(TICKET), "do": "submit"}
        browser.post(reverse("refunds:intake_order", args=[order.channel, order.external_id]), typed)
        filed = RefundRequest.objects.get()
        workflow.decide(
            reference=filed.reference, verdict=Verdict.APPROVE, rationale="Unopened and in time.", actor=dana, at=NOON
        )

        assert [one["note"] for one in notes()] == [
            f"{filed.reference}: a refund of £100.00 was asked for.",
            f"{filed.reference}: £100.00 was approved.",
        ]

    def test_goes_to_every_ticket_and_to_no_helpdesk_out_of_use(
        self, world: World, amir: User, dana: User, zendesk: Helpdesk
    ) -> None:
        endpoint_at(events=[Event.TICKET])
        waiting = world.waiting(by=amir)
        old = Helpdesk.objects.create(slug="old", title="Old", created_at=NOON)
        for name in (TICKET, TicketName("zendesk", "7"), TicketName("old", "1")):
            link_ticket(reference=waiting.reference, name=name, actor=amir, at=NOON)
        Helpdesk.objects.filter(pk=old.pk).update(is_active=False)

        workflow.decide(
            reference=waiting.reference, verdict=Verdict.DECLINE, rationale="Opened and worn.", actor=dana, at=NOON
        )

        assert [one["ticket"] for one in notes()] == ["35436", "7"]


class TestSettingUp:
    @pytest.mark.parametrize(
        "address",
        [
            "http://desk.example/{ticket}",
            "https://desk.example/",
            "javascript:{ticket}",
            "https://[{ticket}",
            "{ticket}",
        ],
    )
    def test_wants_an_address_that_names_the_ticket(self, address: str) -> None:
        browser = client_of(settle("root"))
        form = {"title": "Desk", "slug": "desk", "address": address, "is_active": "on"}

        answer = browser.post(reverse("admin:refunds_helpdesk_add"), form)

        assert answer.status_code == 200
        assert "Write an https address" in answer.text
        assert not Helpdesk.objects.filter(slug="desk").exists()

    def test_is_on_record_and_keeps_the_name(self, zendesk: Helpdesk) -> None:
        browser = client_of(settle("root"))
        form = {"title": "Desk", "slug": "desk", "address": "https://desk.example/t/{ticket}", "is_active": "on"}
        assert browser.post(reverse("admin:refunds_helpdesk_add"), form).status_code == 302
        made = Helpdesk.objects.get(slug="desk")
        assert [entry.sentence for entry in timeline_of(made.subject)] == ["set up the helpdesk Desk."]

        answer = browser.post(
            reverse("admin:refunds_helpdesk_change", args=[made.pk]), {**form, "slug": "other", "title": "Other"}
        )

        assert "Tickets are known by this name" in answer.text
        assert Helpdesk.objects.get(pk=made.pk).title == "Desk"

    def test_shows_links_on_the_page_of_a_request(self, world: World, amir: User) -> None:
        waiting, browser = world.waiting(by=amir), client_of(amir)
        address = reverse("refunds:link_ticket", args=[waiting.reference])

        assert browser.post(address, {"helpdesk": "zendesk", "ticket": " 35436 "}).status_code == 302
        page = browser.get(waiting.get_absolute_url()).text
        assert "https://shop.zendesk.com/agent/tickets/35436" in page
        link_id = TicketLink.objects.get().pk
        away = reverse("refunds:unlink_ticket", args=[waiting.reference])
        assert browser.post(away, {"link": str(link_id)}).status_code == 302

        assert "https://shop.zendesk.com/agent/tickets/35436" not in browser.get(waiting.get_absolute_url()).text
