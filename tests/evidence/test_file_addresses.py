"""The addresses of files: whose they are, how long they last, and what stands in their answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.people import User, assign_to_teams
from evidence.attachments import attach, attachments_of, seen_by
from evidence.links import SMALL, link_to
from evidence.models import Attachment, AttachmentView
from evidence.permissions import may_see_attachment, visible_to
from evidence.vocabulary import ScanState

from .builders import NOON, attach_one, drawing, stored, upload
from .papers import PAPERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from config.kernel.people import Team
    from config.kernel.subjects import Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(subject: Subject, north: Team, nora: User) -> Attachment:
    """Attach a large photo for North."""
    return attach_one(subject, north, nora, drawing(size=(900, 600)))


@pytest.fixture
def nils(person: Callable[..., User], north: Team) -> User:
    """Nils works beside Nora and has the same rights."""
    return person("nils", north, "view_attachment")


def opened_by(user: User | None, address: str) -> HttpResponse:
    """Open an address as somebody."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="config.kernel.backend.PeopleBackend")
    return client.get(address)  # type: ignore[return-value]  # the client's answer is a response and more


class TestAFreshLink:
    """What a link of one's own gives."""

    def test_serves_the_drawn_copy_and_nothing_that_could_run(self, photo: Attachment, nora: User) -> None:
        response = opened_by(nora, link_to(photo, viewer=nora))

        assert response.status_code == 200
        assert response.content == stored(photo.shown)
        assert response["Content-Type"] == "image/webp"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Security-Policy"].startswith("sandbox; script-src 'none'")
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "filename" in response["Content-Disposition"]
        assert photo.name not in response["Content-Disposition"]

    def test_is_noted(self, photo: Attachment, nora: User) -> None:
        opened_by(nora, link_to(photo, viewer=nora))

        opening = AttachmentView.objects.get()
        assert (opening.attachment, opening.viewer, opening.page) == (photo, nora, 1)
        assert seen_by(nora, photo.subject).opened_count == 1

    def test_to_a_thumbnail_is_small_and_opens_nothing(self, photo: Attachment, nora: User) -> None:
        response = opened_by(nora, link_to(photo, viewer=nora, page=SMALL))

        assert 0 < len(response.content) < len(stored(photo.shown))
        assert not AttachmentView.objects.exists()

    def test_to_a_thumbnail_that_was_never_drawn_draws_it(self, photo: Attachment, nora: User) -> None:
        photo.shown.storage.delete(photo.files()[1])

        assert opened_by(nora, link_to(photo, viewer=nora, page=SMALL)).status_code == 200

    def test_leads_to_each_page_of_a_pdf(self, subject: Subject, north: Team, nora: User) -> None:
        paper = attach_one(subject, north, nora, PAPERS["three pages.pdf"], "a.pdf")

        answers = [opened_by(nora, link_to(paper, viewer=nora, page=number)).status_code for number in range(1, 5)]

        assert answers == [200, 200, 200, 404]
        assert set(AttachmentView.objects.values_list("page", flat=True)) == {1, 2, 3}


class TestALinkThatIsNotOnes:
    """Bent, lent, old, withdrawn: nothing is served and nothing is noted."""

    @pytest.fixture(autouse=True)
    def nothing_is_noted(self) -> object:
        """Look afterwards."""
        yield
        assert not AttachmentView.objects.exists()

    def test_of_a_colleague(self, photo: Attachment, nora: User, nils: User) -> None:
        assert opened_by(nils, link_to(photo, viewer=nora)).status_code == 404

    def test_of_a_stranger_even_signed_for_her(self, photo: Attachment, stan: User) -> None:
        assert opened_by(stan, link_to(photo, viewer=stan)).status_code == 404

    def test_asks_to_log_in(self, photo: Attachment, nora: User) -> None:
        assert opened_by(None, link_to(photo, viewer=nora)).status_code == 302

    def test_is_closed_to_service_accounts(self, photo: Attachment, north: Team, person: Callable[..., User]) -> None:
        robot = person("robot", north, "view_attachment", is_service_account=True)

        assert opened_by(robot, link_to(photo, viewer=robot)).status_code == 403

    def test_is_old_after_minutes(self, photo: Attachment, nora: User) -> None:
        with time_machine.travel(timezone.now() - timedelta(seconds=301), tick=True):
            address = link_to(photo, viewer=nora)

        assert opened_by(nora, address).status_code == 404

    def test_is_bent_anywhere(self, photo: Attachment, nora: User) -> None:
        address = link_to(photo, viewer=nora)
        token = address.rstrip("/").rpartition("/")[2]
        for place in range(0, len(token), 5):
            letter = "A" if token[place] != "A" else "B"
            bent = address.replace(token, token[:place] + letter + token[place + 1 :])
            assert opened_by(nora, bent).status_code == 404

    def test_to_pages_that_are_not_there(self, photo: Attachment, nora: User) -> None:
        for page in (-1, 2, 10**9):
            assert opened_by(nora, link_to(photo, viewer=nora, page=page)).status_code == 404

    def test_after_one_left_the_team(self, photo: Attachment, nora: User) -> None:
        address = link_to(photo, viewer=nora)
        assign_to_teams(user=nora, teams=[])

        assert opened_by(nora, address).status_code == 404

    @pytest.mark.parametrize("state", [ScanState.WAITING, ScanState.INFECTED])
    def test_to_a_file_that_is_not_shown(self, photo: Attachment, nora: User, state: ScanState) -> None:
        Attachment.objects.update(scan_state=state)

        assert opened_by(nora, link_to(photo, viewer=nora)).status_code == 404
        assert opened_by(nora, link_to(photo, viewer=nora, page=SMALL)).status_code == 404


class TestTheSheet:
    """The page of a file."""

    def test_shows_it_large_and_what_is_known_of_it(self, photo: Attachment, nora: User) -> None:
        page = opened_by(nora, photo.get_absolute_url())

        words = page.content.decode()
        assert photo.sha256 in words
        assert "Metadata was removed." in words
        picture = re.search(r'<img src="(/evidence/files/[^"]+)"', words)
        assert picture is not None
        assert opened_by(nora, picture[1]).status_code == 200
        assert AttachmentView.objects.count() == 1

    def test_leads_through_pages_and_files(self, subject: Subject, north: Team, nora: User) -> None:
        paper = attach_one(subject, north, nora, PAPERS["three pages.pdf"], "a.pdf")
        photo = attach_one(subject, north, nora, drawing())
        address, seen = paper.get_absolute_url(), []
        while address:
            seen.append(address)
            following = re.search(
                r'rel="next" data-sheet-link href="([^"]+)"', opened_by(nora, address).content.decode()
            )
            address = following[1] if following else ""

        first = paper.get_absolute_url()
        assert seen == [first, f"{first}?page=2", f"{first}?page=3", photo.get_absolute_url()]

    @pytest.mark.parametrize("page", ["0", "99", "-1", "x", "9" * 40])
    def test_bears_a_page_that_is_not_there(self, photo: Attachment, nora: User, page: str) -> None:
        assert opened_by(nora, f"{photo.get_absolute_url()}?page={page}").status_code == 200

    def test_is_not_there_for_strangers_and_the_unentitled(
        self, photo: Attachment, stan: User, north: Team, person: Callable[..., User]
    ) -> None:
        for user in (stan, person("paul", north)):
            assert opened_by(user, photo.get_absolute_url()).status_code == 404

    def test_knows_nothing_of_another_address(self, photo: Attachment, nora: User) -> None:
        assert opened_by(nora, reverse("evidence:attachment", args=[uuid4()])).status_code == 404

    def test_takes_no_post(self, photo: Attachment, nora: User) -> None:
        client = Client()
        client.force_login(nora, backend="config.kernel.backend.PeopleBackend")

        assert client.post(photo.get_absolute_url()).status_code == 405
        assert client.post(link_to(photo, viewer=nora)).status_code == 405

    @pytest.mark.parametrize(
        ("state", "words"), [(ScanState.WAITING, "waits for the virus scan"), (ScanState.INFECTED, "was put away")]
    )
    def test_says_why_a_file_is_not_shown(self, photo: Attachment, nora: User, state: ScanState, words: str) -> None:
        Attachment.objects.update(scan_state=state)

        page = opened_by(nora, photo.get_absolute_url()).content.decode()

        assert words in page
        assert "/evidence/files/" not in page


class TestSensitiveKinds:
    """Identity documents and the like."""

    @pytest.fixture
    def passport(self, subject: Subject, north: Team, nora: User) -> Attachment:
        """Nora adds the passport of a customer."""
        return attach(
            subject=subject, team=north, kind="identity_document", file=upload(drawing()), actor=nora, at=NOON
        )

    def test_are_seen_by_whoever_added_them_and_the_entitled(
        self, passport: Attachment, nora: User, nils: User, north: Team, person: Callable[..., User]
    ) -> None:
        vera = person("vera", north, "view_attachment", "view_sensitive_attachment")

        assert [opened_by(user, passport.get_absolute_url()).status_code for user in (nora, vera, nils)] == [
            200,
            200,
            404,
        ]
        assert opened_by(nils, link_to(passport, viewer=nils)).status_code == 404

    def test_are_not_even_counted_for_others(
        self, subject: Subject, passport: Attachment, nora: User, nils: User
    ) -> None:
        assert [seen_by(user, subject).count for user in (nora, nils)] == [1, 0]
        assert [attachments_of(subject, viewer=user).count() for user in (nora, nils)] == [1, 0]

    def test_have_one_answer_for_one_and_for_many(
        self, photo: Attachment, passport: Attachment, nora: User, nils: User, stan: User, person: Callable[..., User]
    ) -> None:
        for user in (nora, nils, stan, person("root", is_superuser=True)):
            for found in (photo, passport):
                assert may_see_attachment(user, found) == visible_to(user).filter(pk=found.pk).exists()
