"""In force at once by a named second person, read by a third within a day, red everywhere until then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from config.kernel.people import assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from policies import emergencies, publishing
from policies.selectors import emergencies_to_review
from policies.vocabulary import VersionState
from tests.harness.people import fresh
from tests.harness.world import NOON
from tests.policies.editions import changed, draft, emergency, standing, stored, told, unread, waiting

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

FOUND = "The limit is right; it can stay."
NEXT_DAY = NOON + timedelta(hours=24)


def put(version: PolicyVersion, actor: User) -> PolicyVersion:
    """Put it in force."""
    return emergencies.publish_emergency(version_id=version.pk, actor=actor, at=NOON)


def review(version: PolicyVersion, actor: User, note: str = FOUND) -> PolicyVersion:
    """Read it."""
    return emergencies.review_emergency(version_id=version.pk, actor=actor, note=note, at=NEXT_DAY)


class TestTheSecondPerson:
    def test_may_publish_works_for_the_team_and_wrote_nothing(self, world: World, milo: User, mei: User) -> None:
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])

        assert [one.username for one in emergencies.second_people(draft(world, milo, team="uk-retail"))] == []
        assert [one.username for one in emergencies.second_people(draft(world, milo, team="us-dtc"))] == ["mei"]

    @pytest.mark.parametrize(("name", "sentence"), [("milo", "wrote some"), ("root", "may not publish"), ("", "Name")])
    def test_is_named_while_drafting(
        self, world: World, milo: User, name: str, sentence: str, request: pytest.FixtureRequest
    ) -> None:
        version = draft(world, milo)
        second = request.getfixturevalue(name) if name else None
        before = standing(version)

        with pytest.raises(Refused, match=sentence) as refused:
            changed(version, milo, change_category="emergency", second_person=second)

        assert refused.value.reasons[0].field == "second_person"
        assert standing(version) == before

    def test_does_not_write_and_stay_named(self, world: World, milo: User, mei: User) -> None:
        version = emergency(world, milo, mei)
        before = standing(version)

        with pytest.raises(Refused, match="Mei wrote some of this version"):
            changed(version, mei, pounds=70)

        assert standing(version) == before


class TestPublishEmergency:
    def test_puts_a_draft_in_force_at_once(self, world: World, milo: User, mei: User) -> None:
        old, version = world.policy(), emergency(world, milo, mei)

        put(version, mei)

        found = stored(version)
        assert (found.state, found.published_by, found.review_due_at) == (VersionState.PUBLISHED, mei, NEXT_DAY)
        assert stored(old).state == VersionState.RETIRED
        assert found.log.body["change_category"] == "emergency"
        assert found.log.body["second_person"] == "mei"
        assert told(version)[-1] == ("policy.published", "Mei")

    def test_is_for_the_named_person_alone(self, world: World, milo: User, mei: User, zeus: User) -> None:
        version = emergency(world, milo, mei)
        before = standing(version)

        with pytest.raises(NotPermitted, match="names Mei to put it in force") as no:
            put(version, zeus)

        assert no.value.code == "not_permitted"
        assert standing(version) == before

    @pytest.mark.parametrize("name", ["milo", "zeus"])
    def test_is_refused_to_its_writers(
        self, world: World, mei: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        author = request.getfixturevalue(name)
        version = emergency(world, author, mei)
        before = standing(version)

        with pytest.raises(NotPermitted) as no:
            put(version, author)

        assert no.value.code == "self_approval"
        assert standing(version) == before

    def test_is_refused_to_an_author_who_named_herself_past_the_portal(
        self, world: World, milo: User, mei: User
    ) -> None:
        version = emergency(world, milo, mei)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE policies_policyversion SET second_person_id = %s WHERE id = %s", [milo.pk, version.pk]
            )
        before = standing(version)

        with pytest.raises(NotPermitted) as no:
            put(version, milo)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE policies_policyversion SET state = 'published', published_by_id = %s, published_at = now(),"
                " review_due_at = now() WHERE id = %s",
                [milo.pk, version.pk],
            )

        assert no.value.code == "self_approval"
        assert standing(version) == before

    def test_is_refused_once_the_named_person_lost_the_right(self, world: World, milo: User, mei: User) -> None:
        version = emergency(world, milo, mei)
        give_roles(user=mei, roles=["agent"])
        before = standing(version)

        with pytest.raises(NotPermitted, match="publish_policyversion"):
            put(version, fresh(mei))

        assert standing(version) == before

    def test_is_refused_for_a_normal_change(self, world: World, milo: User, mei: User) -> None:
        version = draft(world, milo)
        before = standing(version)

        with pytest.raises(Refused, match="Send it to review"):
            put(version, mei)

        assert standing(version) == before

    def test_asks_for_every_text(self, world: World, milo: User, mei: User) -> None:
        version = emergency(world, milo, mei, risk_rationale="")
        before = standing(version)

        with pytest.raises(Refused, match="what could go wrong") as refused:
            put(version, mei)

        assert refused.value.reasons[0].field == "risk_rationale"
        assert standing(version) == before

    def test_is_out_of_date_the_second_time(self, world: World, milo: User, mei: User) -> None:
        version = unread(world, milo, mei)

        with pytest.raises(OutOfDate, match="is published by now"):
            put(version, mei)


class TestReviewEmergency:
    @pytest.mark.parametrize("name", ["sam", "zeus"])
    def test_is_kept(self, world: World, milo: User, mei: User, name: str, request: pytest.FixtureRequest) -> None:
        reader = request.getfixturevalue(name)
        version = unread(world, milo, mei)

        review(version, reader, f"  {FOUND} ")

        found = stored(version)
        assert (found.reviewed_by, found.review_note, found.reviewed_at) == (reader, FOUND, NEXT_DAY)
        assert told(version)[-1] == ("policy.reviewed", str(reader))

    @pytest.mark.parametrize(("name", "sentence"), [("milo", "You wrote"), ("mei", "You put this version in force")])
    def test_takes_a_third_person(
        self, world: World, milo: User, mei: User, name: str, sentence: str, request: pytest.FixtureRequest
    ) -> None:
        version = unread(world, milo, mei)
        before = standing(version)

        with pytest.raises(NotPermitted, match=sentence) as no:
            review(version, request.getfixturevalue(name))

        assert no.value.code == "self_approval"
        assert standing(version) == before

    def test_is_refused_to_an_editor(self, world: World, milo: User, mei: User, zeus: User) -> None:
        version = emergency(world, milo, mei)
        changed(version, zeus, pounds=70)
        put(version, mei)

        with pytest.raises(NotPermitted, match="You changed this version"):
            review(version, zeus)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE policies_policyversion SET reviewed_by_id = %s, reviewed_at = now() WHERE id = %s",
                [zeus.pk, version.pk],
            )

        assert stored(version).reviewed_by is None

    def test_is_refused_without_the_right(self, world: World, milo: User, mei: User, root: User) -> None:
        version = unread(world, milo, mei)

        with pytest.raises(NotPermitted, match="review_policyversion"):
            review(version, root)

        assert stored(version).reviewed_by is None

    @pytest.mark.parametrize("note", ["", "Fine.    ", "Card 4242 4242 4242 4242 was refunded."])
    def test_asks_what_was_found(self, world: World, milo: User, mei: User, sam: User, note: str) -> None:
        version = unread(world, milo, mei)
        before = standing(version)

        with pytest.raises(Refused) as refused:
            review(version, sam, note)

        assert refused.value.reasons[0].field == "note"
        assert standing(version) == before

    def test_happens_once_and_only_to_emergencies(self, world: World, milo: User, mei: User, sam: User) -> None:
        normal = world.policy()
        version = unread(world, milo, mei)
        review(version, sam)

        for one in (version, normal):
            with pytest.raises(OutOfDate, match="waits for no review"):
                review(one, sam)

        assert stored(version).review_note == FOUND


class TestEmergenciesToReview:
    def test_are_amber_then_red_then_gone(self, world: World, milo: User, mei: User, sam: User) -> None:
        version = unread(world, milo, mei)

        (early,) = emergencies_to_review(sam, NEXT_DAY - timedelta(seconds=1))
        (late,) = emergencies_to_review(sam, NEXT_DAY)
        review(version, sam)

        assert (early.is_overdue, late.is_overdue, early.name) == (False, True, str(version))
        assert emergencies_to_review(sam, NEXT_DAY) == []

    def test_are_still_owed_after_another_version_took_over(
        self, world: World, milo: User, mei: User, sam: User
    ) -> None:
        version = unread(world, milo, mei)
        publishing.publish_version(version_id=waiting(world, milo).pk, actor=mei, at=NOON)

        (notice,) = emergencies_to_review(sam, NOON)

        assert notice.version_id == version.pk
        review(version, sam)
        assert stored(version).state == VersionState.RETIRED

    def test_are_told_to_those_who_may_see_versions_of_the_team(
        self, world: World, milo: User, mei: User, ada: User, amir: User
    ) -> None:
        unread(world, milo, mei)

        assert len(emergencies_to_review(ada, NOON)) == 1
        assert emergencies_to_review(amir, NOON) == []
        assign_to_teams(user=ada, teams=[world.team("us-dtc")])
        assert emergencies_to_review(fresh(ada), NOON) == []


class TestAReviewPastThePortal:
    @pytest.mark.parametrize("said", ["reviewed_at = now()", "published_at = now()"])
    def test_is_not_made_up(self, world: World, milo: User, mei: User, said: str) -> None:
        version = unread(world, milo, mei)
        before = standing(version)

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE policies_policyversion SET {said} WHERE id = %s", [version.pk])  # noqa: S608

        assert standing(version) == before

    def test_is_not_rewritten(self, world: World, milo: User, mei: User, sam: User) -> None:
        version = review(unread(world, milo, mei), sam)
        before = standing(version)

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE policies_policyversion SET review_note = 'Fine.' WHERE id = %s", [version.pk])

        assert standing(version) == before
