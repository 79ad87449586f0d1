"""What customers are told: in their language, with the way their money goes, and shown before it is decided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from approvals.vocabulary import Verdict
from evidence.models import CustomerMessage
from evidence.vocabulary import Language, MessageState
from refunds import workflow
from refunds.expected_timing import EXPECTED, UNKNOWN, expected_for
from refunds.models import Customer, Payment, RefundRequest
from refunds.notifications import previews
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import NOON, World, as_stored, payment_of

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

WHY = "The parcel came back without its lamp."


def at_desk(person: User) -> Client:
    """Sit down."""
    client = Client()
    client.force_login(person, backend="config.kernel.backend.PeopleBackend")
    return client


def of(world: World, amir: User, language: str = "", days_ago: int = 8) -> RefundRequest:
    """File a request of Ada, who reads a language."""
    customer = Customer.objects.create(
        channel="shop-uk", external_id="L1", name="Ada", email="ada@example.com", language=language
    )
    return world.filed(world.order(unit_minor=100_00, customer=customer, days_ago=days_ago), by=amir)


def paid_with(request: RefundRequest, method: str, last4: str = "") -> RefundRequest:
    """Say how the order was paid."""
    Payment.objects.filter(order=request.order).update(method=method, last4=last4)
    return as_stored(request)


class TestExpectedTiming:
    """When a customer sees the money."""

    @pytest.mark.parametrize(
        ("method", "days"),
        [
            ("card", (5, 10)),
            ("Card", (5, 10)),
            ("apple_pay", (5, 10)),
            ("sepa-debit", (3, 4)),
            ("bank_debit", (5, 10)),
            ("bank_transfer", (1, 3)),
            ("pigeon", (5, 10)),
            ("", (5, 10)),
        ],
    )
    def test_is_that_of_the_way_it_was_paid(self, world: World, amir: User, method: str, days: tuple[int, int]) -> None:
        expected = expected_for(paid_with(world.waiting(by=amir), method))

        assert (expected.from_days, expected.to_days) == days

    def test_is_that_of_the_way_it_goes_back(self, world: World, amir: User) -> None:
        request = world.waiting(by=amir)

        request.method = "bank_transfer"
        assert expected_for(request) == EXPECTED["bank_transfer"]
        request.method = "store_credit"
        assert expected_for(request).sentence() == "You can use it at once."

    @pytest.mark.parametrize("expected", [*EXPECTED.values(), UNKNOWN], ids=lambda expected: expected.way)
    @pytest.mark.parametrize("language", Language)
    def test_names_its_source_and_speaks_of_days_that_do_not_count(self, expected: object, language: Language) -> None:
        assert isinstance(expected, type(UNKNOWN))
        assert expected.source
        sentence = expected.sentence(language)
        assert not re.search(r"[{}]", sentence)
        if expected.to_days:
            assert str(expected.to_days) in sentence
            assert re.search("public holidays do not count|Feiertage zählen nicht mit", sentence)
            # Nothing here knows a date: banks do not promise one.
            assert "20" not in sentence


class TestWhatACustomerIsTold:
    """The message itself."""

    def test_is_in_german_for_who_reads_german(self, world: World, amir: User, dana: User) -> None:
        request = of(world, amir, "de-AT")
        workflow.decide(reference=request.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        letter = CustomerMessage.objects.get(subject_id=request.pk)
        assert (letter.language, letter.wanted_language, letter.is_in_another_language) == ("de", "de-AT", False)
        assert letter.subject_line.startswith("Ihre Erstattung von 100,00\N{NO-BREAK SPACE}£ zur Bestellung")
        assert "auf die Karte mit den Endziffern 4242 zurück" in letter.body
        assert "innerhalb von 5 bis 10 Bankarbeitstagen" in letter.body

    def test_is_in_english_for_who_reads_what_we_do_not_write(self, world: World, amir: User, dana: User) -> None:
        request = of(world, amir, "fr")
        workflow.decide(reference=request.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        letter = CustomerMessage.objects.get(subject_id=request.pk)
        assert (letter.language, letter.is_in_another_language) == ("en", True)
        shown = at_desk(dana).get(reverse("evidence:message", args=[letter.pk])).content.decode()
        assert "The customer reads fr; there is no text in it, so it is in English." in shown

    def test_says_nothing_of_a_card_nobody_knows(self, world: World, amir: User, dana: User) -> None:
        request = paid_with(of(world, amir), "sepa_debit")
        workflow.decide(reference=request.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        body = CustomerMessage.objects.get(subject_id=request.pk).body
        assert "It goes back the way you paid." in body
        assert "within 3 to 4 business days" in body

    def test_never_holds_why_somebody_decided(self, world: World, amir: User, dana: User) -> None:
        request = of(world, amir)
        workflow.decide(reference=request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)

        assert "lamp" not in CustomerMessage.objects.get(subject_id=request.pk).body


class TestThePreview:
    """What is shown where it is decided."""

    def test_is_what_will_be_sent(self, world: World, amir: User, dana: User) -> None:
        request = of(world, amir, "de")
        yes, no = previews(as_stored(request))
        assert not CustomerMessage.objects.exists()

        workflow.decide(reference=request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)

        letter = CustomerMessage.objects.get(subject_id=request.pk)
        assert (letter.subject_line, letter.body) == (no.composed.subject_line, no.composed.body)
        assert (yes.is_read_first, no.is_read_first) == (False, True)

    def test_stands_beside_the_decision_of_an_approver(self, world: World, amir: User, dana: User) -> None:
        request = of(world, amir, "it")

        for address in (request.get_absolute_url(), reverse("refunds:panel", args=[request.reference])):
            shown = at_desk(dana).get(address).content.decode()
            assert "What the customer would be told" in shown
            assert f"About your refund for order {order_of(request).external_id}" in shown
            assert "the customer reads it; there is no text in it" in shown
        assert "What the customer would be told" not in at_desk(amir).get(request.get_absolute_url()).content.decode()

    def test_stands_beside_the_decision_of_a_reviewer(self, world: World, amir: User, mei: User) -> None:
        request = of(world, amir, days_ago=50)

        shown = at_desk(mei).get(request.get_absolute_url()).content.decode()

        assert "Once the exception is signed for:" in shown
        assert shown.count("somebody else reads it before it leaves") == 2


class TestTheRequestPage:
    """What it says of messages."""

    def test_shows_reviewer_edition_trouble_and_timing(self, world: World, amir: User, dana: User) -> None:
        request = world.approved(by=amir, approver=dana)
        CustomerMessage.objects.filter(subject_id=request.pk).update(
            state=MessageState.FAILED, failure="550 No such user", reviewed_by=settle("mei"), reviewed_at=NOON
        )

        shown = at_desk(dana).get(request.get_absolute_url()).content.decode()

        assert "Could not be sent" in shown
        assert "550 No such user" in shown
        assert "edition 1 of the text" in shown
        assert "read by mei" in shown.lower()
        assert "5 to 10 business days; weekends and public holidays do not count" in shown
        assert payment_of(request).method == "card"

    def test_shows_no_message_to_who_may_read_none(self, world: World, amir: User, dana: User) -> None:
        request = world.approved(by=amir, approver=dana)

        shown = at_desk(settle("root")).get(request.get_absolute_url())

        assert shown.status_code == 200
        assert "What the customer was told" not in shown.content.decode()
