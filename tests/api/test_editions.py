"""Editions of a policy over the API: the verbs of the pages, for people's tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from policies.vocabulary import VersionState
from tests.policies.editions import draft, standing, stored, unread, waiting

from .conftest import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def path_of(version: PolicyVersion, verb: str = "") -> str:
    """Name an edition or a verb of it."""
    return f"policies/{version.policy.slug}/versions/{version.number}{verb and '/'}{verb}"


class TestAnEdition:
    """GET .../versions/{n}."""

    def test_says_everything_of_itself(
        self, calling: Callable[[str], Caller], world: World, milo: User, mei: User
    ) -> None:
        version = unread(world, milo, mei)

        said = calling("ada").get(path_of(version)).json()

        assert (said["change_category"], said["second_person"], said["reviewed_at"]) == ("emergency", "mei", None)
        assert said["review_due_at"] == "2026-11-21T12:00:00Z"
        assert said["risk_rationale"]
        (line, *_) = calling("ada").get("policies/retail-goods").json()["versions"]
        assert (line["change_category"], line["review_due_at"]) == ("emergency", "2026-11-21T12:00:00Z")


class TestItsLife:
    """POST .../submit, /start-shadow, /publish, /retire, /review."""

    def test_goes_from_draft_to_force(self, calling: Callable[[str], Caller], world: World, milo: User) -> None:
        version = draft(world, milo)

        assert calling("milo").post(path_of(version, "submit")).json()["state"] == "in_review"
        edition = calling("mei").get(path_of(version)).json()["edition"]
        assert calling("mei").post(path_of(version, "start-shadow"), {"edition": edition}).json()["state"] == "shadow"
        published = (
            calling("mei").fresh().post(path_of(version, "publish"), {"edition": edition, "publish_at": None}).json()
        )

        assert (published["state"], published["published_by"]) == ("published", "mei")

    def test_is_told_once_for_each_key(self, calling: Callable[[str], Caller], world: World, milo: User) -> None:
        version = waiting(world, milo)

        first = calling("mei").fresh().post(path_of(version, "publish"), key="one-key-of-mine")
        again = calling("mei").fresh().post(path_of(version, "publish"), key="one-key-of-mine")

        assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (200, 200, "true")
        assert first.json() == again.json()

    def test_takes_the_same_key_once_she_has_shown_who_she_is(
        self, calling: Callable[[str], Caller], world: World, milo: User
    ) -> None:
        version = waiting(world, milo)

        asked = calling("mei").post(path_of(version, "publish"), key="one-key-of-mine")
        told = calling("mei").fresh().post(path_of(version, "publish"), key="one-key-of-mine")

        assert (asked.status_code, asked.json()["code"]) == (403, "step_up_required")
        assert (told.status_code, told.json()["state"]) == (200, "published")
        assert "Idempotency-Replayed" not in told.headers

    def test_may_wait_for_its_moment(self, calling: Callable[[str], Caller], world: World, milo: User) -> None:
        version = waiting(world, milo)
        moment = (timezone.now() + timedelta(days=2)).replace(microsecond=0)

        said = calling("mei").fresh().post(path_of(version, "publish"), {"publish_at": moment.isoformat()}).json()

        assert (said["state"], stored(version).publish_at) == ("scheduled", moment)
        back = calling("mei").post(path_of(version, "retire")).json()
        assert (back["state"], back["publish_at"], back["published_by"]) == ("draft", None, None)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"publish_at": "2020-01-01T00:00:00Z"}, 422),
            ({"publish_at": "2036-01-01T00:00:00Z"}, 422),
            ({"publish_at": "2036-01-01T00:00:00"}, 400),
            ({"publish_at": "soon"}, 400),
            ({"publish_at": 7}, 400),
            ({"when": "soon"}, 400),
            ({"edition": 7}, 400),
            ({"edition": "another"}, 409),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, calling: Callable[[str], Caller], world: World, milo: User, body: dict[str, Any], status: int
    ) -> None:
        version = waiting(world, milo)
        before = standing(version)

        answer = calling("mei").fresh().post(path_of(version, "publish"), body)

        assert answer.status_code == status
        if status != 409:
            assert [fault["field"] for fault in answer.json()["errors"]] == list(body)
        assert standing(version) == before

    def test_does_not_end_without_a_successor(self, calling: Callable[[str], Caller], world: World, milo: User) -> None:
        in_force = world.policy()
        before = standing(in_force)

        answer = calling("mei").post(path_of(in_force, "retire"))

        assert (answer.status_code, answer.json()["code"]) == (422, "refused")
        assert "Publish another version instead" in answer.json()["detail"]
        assert standing(in_force) == before

    @pytest.mark.parametrize("verb", ["publish", "start-shadow"])
    @pytest.mark.parametrize(("username", "code"), [("milo", "self_approval"), ("root", "not_permitted")])
    def test_takes_two_people(
        self, calling: Callable[[str], Caller], world: World, milo: User, verb: str, username: str, code: str
    ) -> None:
        version = waiting(world, milo)
        before = standing(version)

        answer = calling(username).post(path_of(version, verb))

        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert standing(version) == before

    @pytest.mark.parametrize("verb", ["submit", "start-shadow", "publish", "retire", "review"])
    def test_is_not_for_machines(
        self, calling: Callable[[str], Caller], world: World, milo: User, bot: User, verb: str
    ) -> None:
        version = waiting(world, milo)
        before = standing(version)

        assert calling("bot").post(path_of(version, verb)).json()["code"] == "not_permitted"
        bot.is_superuser = True
        bot.save()
        strong = Caller(bot).post(path_of(version, verb), {"note": "A machine found this."} if verb == "review" else {})

        assert (strong.status_code, strong.json()["code"]) == (403, "not_permitted")
        assert standing(version) == before

    @pytest.mark.parametrize("body", [{}, {"publish_at": "soon"}])
    def test_is_published_by_no_token_that_stands_for_nothing(
        self, calling: Callable[[str], Caller], world: World, milo: User, body: dict[str, Any]
    ) -> None:
        version, mei = waiting(world, milo), calling("mei")
        before = standing(version)

        never = mei.post(path_of(version, "publish"), body)
        over = mei.fresh(until=timezone.now() - timedelta(seconds=1)).post(path_of(version, "publish"), body)

        assert {(no.status_code, no.json()["code"]) for no in (never, over)} == {(403, "step_up_required")}
        assert standing(version) == before
        assert mei.fresh().post(path_of(version, "publish")).json()["state"] == "published"

    def test_of_an_emergency_is_read_afterwards(
        self, calling: Callable[[str], Caller], world: World, milo: User, mei: User
    ) -> None:
        version = unread(world, milo, mei)

        refused = calling("mei").post(path_of(version, "review"), {"note": "I found nothing wrong."})
        short = calling("sam").post(path_of(version, "review"), {"note": "Fine."})
        read = calling("sam").post(path_of(version, "review"), {"note": "I found nothing wrong."})

        assert (refused.status_code, refused.json()["code"]) == (403, "self_approval")
        assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "note")
        assert (read.json()["reviewed_by"], stored(version).state) == ("sam", VersionState.PUBLISHED)
