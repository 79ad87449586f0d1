"""Texts of messages to customers in the admin site: written by one, read and published by another."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evidence.letters import editions
from evidence.models import MessageTemplate
from evidence.vocabulary import EditionState, Event, Language
from tests.harness.people import settle

pytestmark = pytest.mark.django_db

BODY = "Hello {customer},\r\n\r\nthe answer on order {order} is no. Name {reference}.\r\n"


def at_desk(username: str) -> Client:
    """Sit down as somebody of the stories."""
    client = Client()
    client.force_login(settle(username), backend="config.kernel.backend.PeopleBackend")
    return client


def page(name: str, edition: MessageTemplate) -> str:
    """Name the address of a page about an edition."""
    return reverse(f"admin:evidence_messagetemplate_{name}", args=[edition.pk])


def send(client: Client, name: str, edition: MessageTemplate) -> Any:
    """Open the page of a verb and send it."""
    shown = client.get(page(name, edition))
    seen = shown.context["seen"] if shown.status_code == 200 else editions.digest_of(edition)
    return client.post(page(name, edition), {"seen": seen})


@pytest.fixture
def in_use() -> MessageTemplate:
    """Have the supplied text about declines."""
    return editions.edition_in_use(Event.DECLINED, Language.ENGLISH)


@pytest.fixture
def draft(in_use: MessageTemplate) -> MessageTemplate:
    """Let Milo begin the next edition."""
    assert send(at_desk("milo"), "begin", in_use).status_code == 302
    return MessageTemplate.objects.get(state=EditionState.DRAFT)


def write(client: Client, draft: MessageTemplate, **changes: str) -> Any:
    """Save the draft's form."""
    typed = {"subject_line": "On order {order}", "body": BODY, "what": "Shorter.", **changes}
    return client.post(page("change", draft), typed)


class TestTheTextsOfMessages:
    """What people of the portal do with them."""

    def test_go_from_a_draft_to_what_customers_are_told(self, draft: MessageTemplate) -> None:
        milo, mei = at_desk("milo"), at_desk("mei")

        assert write(milo, draft).status_code == 302
        assert send(milo, "hand_in", draft).status_code == 302
        read = mei.get(page("publish", draft)).content.decode()
        assert "<del>" in read
        assert "the answer on order 536365 is no." in read
        assert send(mei, "publish", draft).status_code == 302

        draft.refresh_from_db()
        assert (draft.state, draft.published_by) == (EditionState.PUBLISHED, settle("mei"))
        assert editions.edition_in_use(Event.DECLINED, Language.ENGLISH) == draft

    def test_are_not_published_by_who_wrote_them(self, draft: MessageTemplate) -> None:
        milo = at_desk("milo")
        write(milo, draft)
        send(milo, "hand_in", draft)

        shown = milo.get(page("publish", draft)).content.decode()

        assert "Somebody who wrote none of it" in shown
        assert page("publish", draft) not in milo.get(page("change", draft)).content.decode()
        assert send(milo, "publish", draft).status_code == 403
        draft.refresh_from_db()
        assert draft.state == EditionState.IN_REVIEW

    def test_name_the_field_that_is_not_known_and_keep_what_was_typed(self, draft: MessageTemplate) -> None:
        answer = write(at_desk("milo"), draft, body=BODY + "{rationale}")

        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "There is no field “{rationale}” here." in shown
        assert "{rationale}</textarea>" in shown
        draft.refresh_from_db()
        assert "rationale" not in draft.body

    def test_show_a_preview_and_the_lines_nobody_edits(self, draft: MessageTemplate) -> None:
        shown = at_desk("milo").get(page("change", draft)).content.decode()

        assert "Dear Ada Lovelace" in shown
        assert shown.count("Your statutory rights are not affected by this decision.") == 2
        assert "statutory" not in shown.partition("<textarea")[2].partition("</textarea>")[0]

    def test_cannot_be_edited_once_they_are_in_use(self, in_use: MessageTemplate) -> None:
        milo = at_desk("milo")

        assert "<textarea" not in milo.get(page("change", in_use)).content.decode()
        assert write(milo, in_use).status_code == 403
        in_use.refresh_from_db()
        assert in_use.number == 1
        assert "Hello" not in in_use.body

    @pytest.mark.parametrize("verb", ["begin", "hand_in", "send_back", "publish", "discard"])
    def test_are_moved_by_nobody_without_the_right(self, draft: MessageTemplate, verb: str) -> None:
        zoe = settle("nobody")
        zoe.is_staff = True
        zoe.save(update_fields=["is_staff"])
        client = at_desk("nobody")

        assert client.get(page(verb, draft)).status_code == 403
        assert client.post(page(verb, draft), {"seen": editions.digest_of(draft)}).status_code == 403
        draft.refresh_from_db()
        assert draft.state == EditionState.DRAFT

    def test_answer_stale_pages_with_what_happened(self, draft: MessageTemplate) -> None:
        milo = at_desk("milo")
        write(milo, draft)
        send(milo, "hand_in", draft)

        assert milo.post(page("hand_in", draft)).status_code == 409
        assert milo.post(page("discard", draft)).status_code == 409
        send(milo, "send_back", draft)
        send(milo, "discard", draft)
        assert milo.get(page("hand_in", draft)).status_code == 404
