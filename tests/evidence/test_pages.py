"""The pages of evidence: who may open what, and what they are given."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from evidence.attachments import attach
from evidence.messages import write_message
from evidence.models import Attachment, CustomerMessage
from evidence.permissions import messages_visible_to
from evidence.selectors import MESSAGES_PER_PAGE, page_of_messages

from .builders import NOON, drawing, upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from pytest_django.fixtures import DjangoAssertNumQueries

    from config.kernel.people import Team, User

ELSEWHERE = "01a1fba3-85d4-4030-9646-b6b394007a0f"
"""The place of no letter; named once, so that every worker collects the same tests."""


@pytest.fixture
def photo(subject: Subject, north: Team, nora: User) -> Attachment:
    """Attach a photo for North."""
    return attach(subject=subject, team=north, kind="photo", file=upload(drawing()), actor=nora, at=NOON)


def opened_by(user: User, address: str) -> HttpResponse:
    """Open an address as somebody."""
    client = Client()
    client.force_login(user, backend="config.kernel.backend.PeopleBackend")
    return client.get(address)  # type: ignore[return-value]  # the client's answer is a response and more


def write_letters(team: Team, count: int, **changes: Any) -> None:
    """Write some messages, a minute apart, two at a time."""
    for number in range(count):
        with transaction.atomic():
            write_message(
                subject=Subject("plea", new_id()),
                team=team,
                template="refund_declined",
                language="en",
                merge={"order": str(536365 + number)},
                at=NOON + timedelta(minutes=number // 2),
                **{
                    "to": f"carla{number}@example.com",
                    "customer": f"Carla {number}",
                    "reference": f"RR-{number:04d}",
                    "page": f"/requests/RR-{number:04d}/",
                    **changes,
                },
            )


@pytest.mark.django_db
class TestOutboxPage:
    """The page of messages."""

    def test_shows_messages_of_ones_teams_newest_first(self, nora: User, north: Team, south: Team) -> None:
        write_letters(north, 3)
        write_letters(south, 1, reference="RR-ELSE")

        page = opened_by(nora, reverse("evidence:outbox")).content.decode()

        assert re.findall(r'href="/requests/(RR-\d+)/"', page) == ["RR-0002", "RR-0001", "RR-0000"]
        assert "RR-ELSE" not in page
        assert "Dear Carla 2," in page
        assert "carla2@example.com" in page

    def test_writes_what_a_customer_is_called_as_text(self, nora: User, north: Team) -> None:
        write_letters(north, 1, customer="<script>alert(1)</script>")

        page = opened_by(nora, reverse("evidence:outbox")).content.decode()

        assert "<script>alert" not in page
        assert "Dear &lt;script&gt;alert(1)" in page

    def test_shows_every_message_once_over_its_pages(self, nora: User, north: Team) -> None:
        write_letters(north, 2 * MESSAGES_PER_PAGE + 5)
        seen: list[str] = []
        address = reverse("evidence:outbox")
        sizes = []
        while address:
            page = opened_by(nora, address).content.decode()
            found = re.findall(r'href="/requests/(RR-\d+)/"', page)
            seen += found
            sizes.append(len(found))
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = reverse("evidence:outbox") + following[1].replace("&amp;", "&") if following else ""

        assert sizes == [MESSAGES_PER_PAGE, MESSAGES_PER_PAGE, 5]
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 2 * MESSAGES_PER_PAGE + 5

    @pytest.mark.parametrize("wanted", ["rr-0001", "carla1@", "Carla 1", " RR-0001 "])
    def test_finds_by_reference_and_recipient(self, nora: User, north: Team, wanted: str) -> None:
        write_letters(north, 3)

        page = opened_by(nora, reverse("evidence:outbox") + f"?q={wanted}").content.decode()

        assert re.findall(r'href="/requests/(RR-\d+)/"', page) == ["RR-0001"]

    def test_keeps_the_filter_on_the_next_page(self, nora: User, north: Team) -> None:
        write_letters(north, MESSAGES_PER_PAGE + 1)

        page = opened_by(nora, reverse("evidence:outbox") + "?q=carla").content.decode()

        assert re.search(r'rel="next" href="\?q=carla&amp;before=', page)

    @pytest.mark.parametrize("query", ["before=nonsense", f"before={ELSEWHERE}", "q=" + "x" * 5000, "q=%25"])
    def test_bears_nonsense(self, nora: User, north: Team, query: str) -> None:
        write_letters(north, 1)

        assert opened_by(nora, reverse("evidence:outbox") + "?" + query).status_code == 200

    def test_refuses_what_no_column_can_hold(self, nora: User) -> None:
        assert opened_by(nora, reverse("evidence:outbox") + "?q=%00").status_code == 422

    def test_says_why_it_is_empty(self, nora: User) -> None:
        assert "Nothing was written yet" in opened_by(nora, reverse("evidence:outbox")).content.decode()
        assert "No message matches" in opened_by(nora, reverse("evidence:outbox") + "?q=zzz").content.decode()

    def test_is_closed_without_the_right(self, north: Team, person: Callable[..., User]) -> None:
        paul = person("paul", north, "view_attachment")

        assert opened_by(paul, reverse("evidence:outbox")).status_code == 403
        assert not messages_visible_to(paul).exists()

    def test_stands_alone_as_a_fragment(self, nora: User, north: Team) -> None:
        write_letters(north, 1)
        client = Client(headers={"HX-Request": "true"})
        client.force_login(nora, backend="config.kernel.backend.PeopleBackend")

        fragment = client.get(reverse("evidence:outbox")).content.decode().strip()

        assert fragment.startswith('<div class="stack" id="letters">')
        assert fragment.endswith("</div>")
        assert "<html" not in fragment

    def test_asks_as_often_for_many_as_for_few(
        self, nora: User, north: Team, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        write_letters(north, MESSAGES_PER_PAGE)
        assert CustomerMessage.objects.count() == MESSAGES_PER_PAGE

        with django_assert_max_num_queries(6):
            listed = page_of_messages(viewer=nora)
            assert {str(message.team) for message in listed.messages} == {"North"}


@pytest.mark.django_db
class TestAdmin:
    """Evidence in the admin site."""

    @pytest.mark.parametrize("model", ["ledgerentry", "attachment", "attachmentview", "customermessage"])
    def test_shows_records_and_offers_no_way_to_write(
        self, photo: Attachment, north: Team, person: Callable[..., User], model: str
    ) -> None:
        write_letters(north, 1)
        boss = person("boss", north, is_superuser=True, is_staff=True)

        listing = opened_by(boss, reverse(f"admin:evidence_{model}_changelist"))

        assert listing.status_code == 200
        assert opened_by(boss, reverse(f"admin:evidence_{model}_add")).status_code == 403
        assert b"delete_selected" not in listing.content

    def test_gives_away_no_file_address(self, photo: Attachment, north: Team, person: Callable[..., User]) -> None:
        boss = person("boss", north, is_superuser=True, is_staff=True)

        page = opened_by(boss, reverse("admin:evidence_attachment_change", args=[photo.pk]))

        assert page.status_code == 200
        assert str(photo.original.name) not in page.content.decode()
