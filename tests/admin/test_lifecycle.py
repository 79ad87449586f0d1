"""Every verb of a version has a page that explains it, and moves only when that page is sent."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from policies import publishing
from policies.vocabulary import VersionState
from tests.admin.desk import as_posted, desk_of, page_of
from tests.harness.people import fresh
from tests.policies.editions import draft, emergency, scheduled, standing, stored, waiting
from tests.policies.editions import unread as put_in_force_unread

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

FOUND = "The limit is right; it can stay."


def staff(person: User) -> User:
    """Let somebody into the admin site."""
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    return fresh(person)


def tools_of(person: User, version: PolicyVersion) -> set[str]:
    """Read the words above a version's page."""
    return {words for words, _ in desk_of(person).get(page_of(version)).context["tools"]}


def steps_of(person: User, version: PolicyVersion) -> dict[str, tuple[bool, str]]:
    """Read the strip: where it stands, and who brought it to each place."""
    return {step.label: (step.is_current, step.who) for step in desk_of(person).get(page_of(version)).context["steps"]}


class TestAVerbsPage:
    @pytest.mark.parametrize("word", ["shadow", "publish", "back"])
    def test_moves_nothing_until_it_is_sent(self, world: World, milo: User, mei: User, word: str) -> None:
        version = waiting(world, milo)
        before = standing(version)

        assert desk_of(mei).get(page_of(version, word)).status_code == 200
        assert standing(version) == before
        desk_of(mei).post(page_of(version, word), {"seen": seen(mei, version, word)})
        assert stored(version).state != VersionState.IN_REVIEW

    @pytest.mark.parametrize("word", ["shadow", "publish", "recall", "emergency", "emergency_review"])
    def test_is_out_of_date_for_a_version_that_stands_elsewhere(
        self, world: World, milo: User, zeus: User, word: str
    ) -> None:
        version = draft(world, milo)
        before = standing(version)

        # An emergency page for a normal draft is refused for what it is, not for where it stands.
        expected = 422 if word == "emergency" else 409
        assert desk_of(zeus).get(page_of(version, word)).status_code == expected
        assert desk_of(zeus).post(page_of(version, word), {"note": FOUND}).status_code == expected
        assert standing(version) == before

    @pytest.mark.parametrize("word", ["shadow", "publish", "recall", "emergency", "emergency_review", "log"])
    def test_is_hidden_from_strangers_and_closed_to_the_unentitled(
        self, world: World, milo: User, ada: User, asha: User, word: str
    ) -> None:
        version = waiting(world, milo)
        expected = 404 if word == "log" else 403

        assert desk_of(staff(ada)).get(page_of(version, word)).status_code == expected
        assert desk_of(staff(asha)).get(page_of(version, word)).status_code == 403

    def test_says_what_was_read(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)

        answer = desk_of(mei).post(page_of(version, "shadow"), {"seen": "something else"})

        assert answer.status_code == 409
        assert stored(version).state == VersionState.IN_REVIEW


class TestTheStrip:
    def test_says_who_brought_it_where(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=mei, at=timezone.now())

        steps = steps_of(milo, version)

        assert list(steps) == ["Draft", "In review", "In shadow", "Scheduled", "Published", "Retired"]
        assert steps["In shadow"] == (True, "Mei")
        assert (steps["Draft"], steps["In review"]) == ((False, "Milo"), (False, "Milo"))
        assert steps["Published"] == (False, "")
        assert 'aria-current="step"' in desk_of(milo).get(page_of(version)).content.decode()

    def test_begins_anew_when_it_comes_back(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.send_back(version_id=version.pk, actor=mei, at=timezone.now())

        steps = steps_of(milo, version)

        assert steps["Draft"] == (True, "Milo")
        assert steps["In review"] == (False, "")


class TestTools:
    def test_are_those_of_the_reader_and_the_place(self, world: World, milo: User, mei: User, root: User) -> None:
        version = waiting(world, milo)

        assert {"Publish", "Start shadow", "Make it a draft again"} <= tools_of(mei, version)
        assert not tools_of(milo, version) & {"Publish", "Start shadow"}
        assert not tools_of(root, version) & {"Publish", "Start shadow"}

    def test_of_an_emergency_are_the_named_persons(self, world: World, milo: User, mei: User, zeus: User) -> None:
        version = emergency(world, milo, mei)

        assert "Put the emergency change in force" in tools_of(mei, version)
        for other in (milo, zeus):
            assert "Put the emergency change in force" not in tools_of(other, version)
        assert "Send to review" not in tools_of(milo, version)


class TestPuttingItInForceAt:
    def test_is_on_the_clock_of_the_team(self, world: World, milo: User, mei: User) -> None:
        version, desk = waiting(world, milo), desk_of(mei)
        summer = timezone.now().year + 1
        if timezone.now().month < 7:
            summer -= 1
        page = desk.get(page_of(version, "publish")).content.decode()
        assert "Put in force at" in page
        assert "Europe/London" in page

        desk.post(
            page_of(version, "publish"),
            {"seen": seen(mei, version, "publish"), "publish_at": f"{summer}-07-01T09:00"},
        )

        found = stored(version)
        assert found.publish_at is not None
        assert (found.state, f"{found.publish_at:%m-%dT%H:%M %Z}") == (VersionState.SCHEDULED, "07-01T08:00 UTC")

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("2020-01-01T09:00", "This moment has passed."),
            ("9999-12-31T23:59", "within a year"),
            ("tomorrow", "“tomorrow” is no date and time"),
            ("2027-02-30T09:00", "is no date and time"),
            ("2027-01-01T09:00Z", "without a zone"),
            ("2027-03-28T01:30", "01:30 on 28 March 2027 does not exist, because the clocks go forward"),
            ("2027-10-31T01:30", "01:30 on 31 October 2027 comes twice, because the clocks go back"),
        ],
    )
    def test_is_refused_at_its_field(self, world: World, milo: User, mei: User, typed: str, sentence: str) -> None:
        version = waiting(world, milo)
        before = standing(version)

        answer = desk_of(mei).post(
            page_of(version, "publish"), {"seen": seen(mei, version, "publish"), "publish_at": typed}
        )

        assert answer.status_code == 422
        assert sentence in answer.context["form"].errors["publish_at"][0]
        assert answer.context["form"]["publish_at"].value() == typed
        assert standing(version) == before

    def test_can_be_taken_back(self, world: World, milo: User, mei: User) -> None:
        version = scheduled(world, milo, mei, timezone.now() + timedelta(days=1))
        page = desk_of(mei).get(page_of(version)).content.decode()
        assert "Signed by Mei. It comes into force on" in page

        desk_of(milo).post(page_of(version, "recall"))

        assert stored(version).state == VersionState.DRAFT

    def test_warns_of_another_version_that_will_take_over(self, world: World, milo: User, mei: User) -> None:
        later = scheduled(world, milo, mei, timezone.now() + timedelta(days=1))

        page = desk_of(mei).get(page_of(waiting(world, milo), "publish")).content.decode()

        assert f"{later} is scheduled for" in page


class TestAnEmergency:
    def test_is_drafted_published_and_read_by_three_people(
        self, world: World, milo: User, mei: User, sam: User
    ) -> None:
        version = draft(world, milo)
        typed = as_posted(version, change_category="emergency", second_person=str(mei.pk))
        assert desk_of(milo).post(page_of(version), typed).status_code == 302

        desk_of(mei).post(page_of(version, "emergency"), {"seen": seen(mei, version, "emergency")})
        assert stored(version).state == VersionState.PUBLISHED
        desk_of(staff(sam)).post(page_of(version, "emergency_review"), {"note": FOUND})

        assert (stored(version).reviewed_by, stored(version).review_note) == (sam, FOUND)
        assert FOUND in desk_of(milo).get(page_of(version)).content.decode()

    def test_names_a_second_person_at_its_field(self, world: World, milo: User) -> None:
        version = draft(world, milo)

        answer = desk_of(milo).post(page_of(version), as_posted(version, change_category="emergency"))

        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["second_person"]
        assert stored(version).change_category == "normal"

    def test_asks_for_a_longer_note_at_its_field(self, world: World, milo: User, mei: User, sam: User) -> None:
        version = unread(world, milo, mei)

        answer = desk_of(staff(sam)).post(page_of(version, "emergency_review"), {"note": "Fine."})

        assert answer.status_code == 422
        assert "at least 10 characters" in answer.context["form"].errors["note"][0]
        assert stored(version).reviewed_by is None

    def test_stands_in_the_list_with_what_is_owed(self, world: World, milo: User, mei: User) -> None:
        late(unread(world, milo, mei))

        page = desk_of(milo).get(reverse("admin:policies_policyversion_changelist")).content.decode()

        assert "overdue since" in page


class TestTheNotice:
    """Amber while there is time, red once it is late, on every page of whoever may see versions."""

    PAGES = ("/", "/requests/", "/admin/", "/admin/policies/policy/")

    @pytest.mark.parametrize("address", PAGES)
    def test_is_amber_before_its_hour(self, world: World, milo: User, mei: User, address: str) -> None:
        version = unread(world, milo, mei)

        page = desk_of(milo).get(address).content.decode()

        assert f"{version} is in force and must be reviewed by" in page
        assert 'class="alarm warn"' in page
        assert page_of(version) in page

    @pytest.mark.parametrize("address", PAGES)
    def test_is_red_and_an_alert_after_it(self, world: World, milo: User, mei: User, address: str) -> None:
        late(unread(world, milo, mei))

        page = desk_of(milo).get(address).content.decode()

        assert 'class="alarm bad" role="alert"' in page
        assert "should have been reviewed by" in page

    def test_is_not_in_fragments_nor_for_others(self, world: World, milo: User, mei: User, dana: User) -> None:
        unread(world, milo, mei)

        assert "alarm" not in desk_of(milo).get("/requests/", headers={"HX-Request": "true"}).content.decode()
        assert "alarm" not in desk_of(dana).get("/queue/").content.decode()
        assert "alarm" not in Client().get("/login/").content.decode()

    def test_costs_one_question_and_none_in_fragments(self, world: World, milo: User, dana: User) -> None:
        def asked(person: User, address: str, **headers: str) -> int:
            desk = desk_of(person)
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(address, headers=headers).status_code == 200
            return sum('"reviewed_at" IS NULL' in query["sql"] for query in queries)

        assert asked(milo, "/requests/") == 1
        assert asked(milo, "/admin/") == 1
        assert asked(milo, "/requests/", **{"HX-Request": "true"}) == 0
        assert asked(dana, "/queue/") == 0

    def test_is_gone_once_it_is_read(self, world: World, milo: User, mei: User, sam: User) -> None:
        version = unread(world, milo, mei)
        assert "alarm" in desk_of(sam).get("/").content.decode()

        desk_of(staff(sam)).post(page_of(version, "emergency_review"), {"note": FOUND})

        assert "alarm" not in desk_of(sam).get("/").content.decode()

    def test_marks_a_request_it_judged(self, world: World, milo: User, mei: User, amir: User, dana: User) -> None:
        version = unread(world, milo, mei)
        request = world.waiting(by=amir)
        address = f"/requests/{request.reference}/"
        assert "review is overdue" not in desk_of(dana).get(address).content.decode()

        late(version)

        assert (
            f"{version} is an emergency change whose review is overdue." in desk_of(dana).get(address).content.decode()
        )


class TestTheLogsPage:
    def test_hands_out_the_bytes_of_its_fingerprint(self, world: World, milo: User, ada: User) -> None:
        version = world.policy()
        page = desk_of(milo).get(page_of(version, "log")).content.decode()

        first, again = (desk_of(staff(ada)).get(page_of(version, "log_file")) for _ in range(2))

        assert first["Content-Disposition"] == 'attachment; filename="retail-goods-v1-log.json"'
        assert first.content == again.content
        assert hashlib.sha256(first.content).hexdigest() == version.log.sha256
        assert version.log.sha256 in page
        assert "Installed from the template retail-goods." in page

    def test_is_not_there_before_a_publication(self, world: World, milo: User) -> None:
        version = waiting(world, milo)

        for word in ("log", "log_file"):
            assert desk_of(milo).get(page_of(version, word)).status_code == 404


def seen(person: User, version: PolicyVersion, word: str) -> str:
    """Read what a page would send of what it shows."""
    return str(desk_of(person).get(page_of(version, word)).context["seen"])


def unread(world: World, author: User, second: User) -> PolicyVersion:
    """Put an emergency change in force just now."""
    version = put_in_force_unread(world, author, second)
    return moved(version, timezone.now() + timedelta(hours=2))


def late(version: PolicyVersion) -> PolicyVersion:
    """Let its hour pass."""
    return moved(version, timezone.now() - timedelta(minutes=1))


def moved(version: PolicyVersion, review_due_at: object) -> PolicyVersion:
    """Move the hour until when it must be read."""
    type(version).objects.filter(pk=version.pk).update(review_due_at=review_due_at)
    return stored(version)
