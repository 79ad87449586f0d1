"""Messages to customers in a real window: read, sent back, rewritten, approved, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from approvals.vocabulary import Verdict
from evidence.letters import editions
from evidence.models import CustomerMessage
from evidence.vocabulary import Event, Language, MessageState
from refunds import workflow
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "The parcel came back without its lamp."


def declined(world: World) -> CustomerMessage:
    """Let Dana decline; the message waits for somebody else."""
    waiting = world.waiting(by=settle("amir"))
    workflow.decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=settle("dana"), at=NOON)
    return CustomerMessage.objects.get(subject_id=waiting.pk)


def page_of(letter: CustomerMessage) -> str:
    """Name the page of one message."""
    return reverse("evidence:message", args=[letter.pk])


class TestTheTextsOfMessages:
    def test_stand_axe_both_themes_and_a_phone_in_the_admin_site(self, page_as: PageAs, world: World) -> None:
        world.team()
        milo, mei = settle("milo"), settle("mei")
        in_use = editions.edition_in_use(Event.DECLINED, Language.GERMAN)
        draft = editions.begin_draft(template_id=in_use.pk, actor=milo, at=NOON)
        editions.change_draft(
            template_id=draft.pk, subject_line=draft.subject_line, body=draft.body + "Alles Gute.\n",
            what="Freundlicher.", actor=milo, at=NOON,
        )  # fmt: skip
        written = reverse("admin:evidence_messagetemplate_change", args=[draft.pk])
        found = complaints(page_as, milo, written, reverse("admin:evidence_messagetemplate_changelist"))
        editions.hand_in_draft(template_id=draft.pk, actor=milo, at=NOON)

        found += complaints(page_as, mei, reverse("admin:evidence_messagetemplate_publish", args=[draft.pk]))

        assert found == []


class TestTheMessagePages:
    def test_stand_axe_both_themes_and_a_phone(self, page_as: PageAs, world: World) -> None:
        dana, mei = settle("dana"), settle("mei")
        waiting, returned, lost, failed = (declined(world) for _ in range(4))
        everything = CustomerMessage.objects
        everything.filter(pk=returned.pk).update(state=MessageState.DRAFTED, review_note="Say which parcel it was.")
        read = {"reviewed_by": mei, "reviewed_at": NOON}
        everything.filter(pk=lost.pk).update(state=MessageState.UNKNOWN, failure="It may have left.", **read)
        everything.filter(pk=failed.pk).update(
            state=MessageState.FAILED,
            failure="The mail server refuses this address: 550",
            is_address_refused=True,
            **read,
        )
        pages = [page_of(letter) for letter in (waiting, returned, lost, failed)]

        assert complaints(page_as, mei, "/outbox/", "/outbox/?show=review", "/outbox/?show=failed", *pages) == []
        assert complaints(page_as, dana, page_of(waiting), waiting.page) == []

    def test_serve_without_javascript(self, page_as: PageAs, world: World) -> None:
        letter, mei, milo = declined(world), settle("mei"), settle("milo")
        reading = page_as(mei, java_script_enabled=False)
        reading.goto("/outbox/")
        reading.get_by_role("link", name="Waiting for review").click()
        reading.get_by_role("link", name=letter.subject_line).click()
        reading.get_by_label("What is wrong").fill("Say which parcel it was.")
        reading.get_by_role("button", name="Send back").click()
        expect(reading.get_by_text("Sent back with a note.")).to_have_count(1)
        writing = page_as(milo, java_script_enabled=False)
        writing.goto(page_of(letter))
        writing.get_by_label("Text").fill("The parcel with number 7 came back without its lamp.")
        writing.get_by_role("button", name="Hand in for review").click()
        reading.goto(page_of(letter))
        reading.get_by_role("button", name="Approve and send").click()

        letter.refresh_from_db()
        assert (letter.state, letter.reviewed_by, letter.free_text) == (
            MessageState.APPROVED,
            mei,
            "The parcel with number 7 came back without its lamp.\n",
        )

    def test_are_approved_with_keys(self, page_as: PageAs, world: World) -> None:
        letter = declined(world)
        page = page_as(settle("mei"))
        page.goto(page_of(letter), wait_until="networkidle")

        page.keyboard.press("a")
        page.keyboard.press("Control+Enter")
        page.get_by_text("the message leaves now").wait_for()

        letter.refresh_from_db()
        assert letter.state == MessageState.APPROVED
