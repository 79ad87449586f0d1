"""From draft to force, and who may bring it there."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.db import DatabaseError, connection, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from policies import drafting, editions, publishing
from policies.version_logs import canonical
from policies.vocabulary import VersionState
from tests.admin.desk import EXPLAINED
from tests.harness.world import NOON
from tests.policies.editions import changed, draft, standing, stored, told, waiting

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

LATER = NOON + timedelta(hours=3)


def publish(version: PolicyVersion, actor: User, seen: str | None = None) -> PolicyVersion:
    """Sign it."""
    return publishing.publish_version(version_id=version.pk, actor=actor, at=LATER, seen=seen)


class TestSendToReview:
    @pytest.mark.parametrize("text", EXPLAINED)
    def test_asks_for_every_text(self, world: World, milo: User, text: str) -> None:
        version = draft(world, milo, texts=EXPLAINED | {text: "  "})
        before = standing(version)

        with pytest.raises(Refused) as refused:
            publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

        assert [reason.field for reason in refused.value.reasons] == [text]
        assert standing(version) == before

    def test_is_not_for_an_emergency_change(self, world: World, milo: User, mei: User) -> None:
        version = changed(draft(world, milo), milo, change_category="emergency", second_person=mei)
        before = standing(version)

        with pytest.raises(Refused, match="Mei puts it in force"):
            publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

        assert standing(version) == before

    def test_is_out_of_date_the_second_time(self, world: World, milo: User) -> None:
        version = waiting(world, milo)

        with pytest.raises(OutOfDate, match="is in review by now"):
            publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

    def test_is_for_people_alone(self, world: World, milo: User, bot: User) -> None:
        version = draft(world, milo)
        milo.is_service_account = True

        with pytest.raises(NotPermitted, match="by people"):
            publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

        assert stored(version).state == VersionState.DRAFT


class TestAWriter:
    def test_is_whoever_began_it_and_whoever_saved_it(self, world: World, milo: User, mei: User, root: User) -> None:
        version = draft(world, milo)
        changed(version, mei, pounds=70)
        changed(version, mei, pounds=80)
        changed(version, root, pounds=80)

        assert stored(version).writer_ids == [milo.pk, mei.pk]

    def test_of_a_draft_is_one_of_its_copy_too(self, world: World, milo: User, root: User) -> None:
        copy = drafting.draft_from(version_id=draft(world, milo).pk, actor=root, at=NOON)
        said = dict.fromkeys(EXPLAINED, "Taken over.")
        changed(copy, root, pounds=None, **cast("dict[str, Any]", said))
        publishing.send_to_review(version_id=copy.pk, actor=root, at=NOON)

        with pytest.raises(NotPermitted) as no:
            publishing.publish_version(version_id=copy.pk, actor=milo, at=NOON)

        assert no.value.code == "self_approval"
        assert stored(copy).writer_ids == [root.pk, milo.pk]

    def test_of_what_was_in_force_is_none_of_its_copy(self, world: World, milo: User) -> None:
        copy = drafting.draft_from(version_id=world.policy().pk, actor=milo, at=NOON)

        assert stored(copy).writer_ids == [milo.pk]

    @pytest.mark.parametrize("said", ["writer_ids = '{}'", "author_id = published_by_id"])
    def test_stays_one_past_the_portal(self, world: World, milo: User, mei: User, said: str) -> None:
        version = waiting(world, milo)
        publishing.publish_version(version_id=version.pk, actor=mei, at=NOON, publish_at=LATER)
        before = standing(version)

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE policies_policyversion SET state = 'draft', {said} WHERE id = %s", [version.pk])  # noqa: S608

        assert standing(version) == before

    def test_of_a_template_is_whoever_installed_it(self, world: World, root: User) -> None:
        assert world.policy().writer_ids == [root.pk]

    @pytest.mark.parametrize("name", ["milo", "mei", "zeus"])
    def test_never_publishes(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        author = request.getfixturevalue(name)
        version = waiting(world, author)
        before = standing(version)

        for sign in (publish, lambda one, who: publishing.start_shadow(version_id=one.pk, actor=who, at=LATER)):
            with pytest.raises(NotPermitted) as no:
                sign(version, author)
            assert no.value.code == "self_approval"

        assert standing(version) == before

    @pytest.mark.parametrize("name", ["mei", "zeus"])
    def test_of_a_later_sentence_never_publishes(
        self, world: World, milo: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        editor = request.getfixturevalue(name)
        version = changed(draft(world, milo), editor, pounds=5000)
        publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)
        before = standing(version)

        with pytest.raises(NotPermitted, match="You changed this version") as no:
            publish(version, editor)

        assert no.value.code == "self_approval"
        assert standing(version) == before

    @pytest.mark.parametrize("state", ["draft", "in_review", "scheduled"])
    def test_never_publishes_past_the_portal(self, world: World, milo: User, mei: User, state: str) -> None:
        """The last line: what a person with the database's own password would try."""
        version = changed(draft(world, milo), mei, pounds=70)
        before = standing(version)

        for writer in (milo, mei):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE policies_policyversion SET published_by_id = %s, state = %s,"
                    " publish_at = now(), published_at = now() WHERE id = %s",
                    [writer.pk, state, version.pk],
                )

        assert standing(version) == before


class TestPublish:
    def test_takes_over_from_the_version_in_force(self, world: World, milo: User, mei: User) -> None:
        old, version = world.policy(), waiting(world, milo)

        publish(version, mei)

        assert (stored(version).state, stored(version).published_by, stored(version).published_at) == (
            VersionState.PUBLISHED,
            mei,
            LATER,
        )
        assert (stored(old).state, stored(old).retired_at) == (VersionState.RETIRED, LATER)
        assert told(version)[-1] == ("policy.published", "Mei")
        assert told(old)[-1] == ("policy.retired", "Mei")

    def test_is_refused_without_the_right(self, world: World, milo: User, root: User) -> None:
        version = waiting(world, milo)
        before = standing(version)

        with pytest.raises(NotPermitted, match="publish_policyversion"):
            publish(version, root)

        assert standing(version) == before

    def test_signs_what_was_read(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        read = editions.edition_of(stored(version))
        publishing.send_back(version_id=version.pk, actor=milo, at=NOON)
        changed(version, milo, risk_rationale="None at all.")
        publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)
        before = standing(version)

        with pytest.raises(OutOfDate, match="Read it again"):
            publish(version, mei, read)

        assert standing(version) == before

    def test_is_not_from_a_draft(self, world: World, milo: User, mei: User) -> None:
        version = draft(world, milo)
        before = standing(version)

        with pytest.raises(OutOfDate, match="is draft by now"):
            publish(version, mei)

        assert standing(version) == before


class TestShadow:
    def test_begins_without_touching_what_is_in_force(self, world: World, milo: User, mei: User) -> None:
        old, version = world.policy(), waiting(world, milo)

        publishing.start_shadow(version_id=version.pk, actor=mei, at=LATER)

        assert (stored(version).state, stored(version).shadow_since) == (VersionState.SHADOW, LATER)
        assert stored(old).state == VersionState.PUBLISHED

    def test_is_for_one_version_at_a_time(self, world: World, milo: User, mei: User) -> None:
        first, second = waiting(world, milo), waiting(world, milo)
        publishing.start_shadow(version_id=first.pk, actor=mei, at=LATER)
        before = standing(second)

        with pytest.raises(Refused, match=rf"Version {first.number} of retail-goods is in shadow already"):
            publishing.start_shadow(version_id=second.pk, actor=mei, at=LATER)

        assert standing(second) == before

    def test_ends_in_force(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=mei, at=LATER)

        publish(version, mei)

        assert (stored(version).state, stored(version).shadow_since) == (VersionState.PUBLISHED, LATER)

    def test_ends_at_its_authors_desk(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=mei, at=LATER)

        publishing.send_back(version_id=version.pk, actor=milo, at=LATER)

        assert (stored(version).state, stored(version).shadow_since) == (VersionState.DRAFT, None)


class TestRetire:
    def test_leaves_no_team_without_a_policy(self, world: World, mei: User) -> None:
        before = standing(world.policy())

        with pytest.raises(Refused, match="Publish another version instead"):
            publishing.retire_version(version_id=world.policy().pk, actor=mei, at=LATER)

        assert standing(world.policy()) == before

    def test_ends_a_shadow(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publishing.start_shadow(version_id=version.pk, actor=mei, at=LATER)

        publishing.retire_version(version_id=version.pk, actor=mei, at=LATER)

        assert stored(version).state == VersionState.DRAFT

    def test_of_a_draft_is_refused(self, world: World, milo: User, mei: User) -> None:
        version = draft(world, milo)

        with pytest.raises(Refused, match="never in force"):
            publishing.retire_version(version_id=version.pk, actor=mei, at=LATER)

        assert stored(version).state == VersionState.DRAFT

    def test_is_out_of_date_the_second_time(self, world: World, milo: User, mei: User) -> None:
        old = world.policy()
        publish(waiting(world, milo), mei)

        with pytest.raises(OutOfDate, match="retired already"):
            publishing.retire_version(version_id=old.pk, actor=mei, at=LATER)


class TestTheVersionLog:
    def test_says_what_changed_and_who_signed(self, world: World, milo: User, mei: User, root: User) -> None:
        version = changed(draft(world, milo), root, pounds=60, why="Reading costs more.")
        publishing.send_to_review(version_id=version.pk, actor=milo, at=NOON)

        publish(version, mei)

        body = stored(version).log.body
        assert (body["policy"], body["version"], body["replaces"]) == ("retail-goods", 2, 1)
        assert (body["author"], body["writers"], body["published_by"]) == ("milo", ["milo", "root"], "mei")
        assert (body["why"], body["risk_rationale"]) == ("Reading costs more.", EXPLAINED["risk_rationale"])
        assert body["in_force_from"] == "2026-11-20T15:00:00Z"
        assert [change["after"][:60] for change in body["changes"]]
        assert all("50.00" in change["before"] and "60.00" in change["after"] for change in body["changes"])
        assert {
            "currency": "GBP",
            "category": "refund",
            "amount_minor": 60_00,
            "before": "require_approval",
            "after": "allow",
        } in body["cells"]
        assert {cell["amount_minor"] for cell in body["cells"]} == {50_01, 60_00}

    def test_of_the_first_version_says_every_sentence(self, world: World) -> None:
        body = world.policy().log.body

        assert body["replaces"] is None
        assert {"kind", "severity", "path", "sentence"} == set(body["proof"][0])
        assert len(body["changes"]) > 5
        assert {change["before"] for change in body["changes"]} == {""}

    def test_has_one_fingerprint_in_the_ledger_and_over_its_bytes(self, world: World, milo: User, mei: User) -> None:
        version = waiting(world, milo)
        publish(version, mei)

        log = stored(version).log
        assert log.sha256 == hashlib.sha256(canonical(log.body)).hexdigest()
        entry = timeline_of(Subject(editions.KIND, version.pk)).last()
        assert entry is not None
        assert log.sha256 in entry.payload

    def test_stays_as_it_is(self, world: World) -> None:
        log = world.policy().log

        for tampering in ("UPDATE policies_versionlog SET sha256 = ''", "DELETE FROM policies_versionlog"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(tampering)

        log.refresh_from_db()
        assert log.sha256


class TestAVersionInForce:
    @pytest.mark.parametrize(
        "change",
        ["document = '{}'", "what = ''", "writer_ids = '{}'", "state = 'draft'", "published_by_id = author_id"],
    )
    def test_stays_as_it_is(self, world: World, change: str) -> None:
        before = standing(world.policy())

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE policies_policyversion SET {change} WHERE id = %s", [before["id"]])  # noqa: S608

        assert standing(world.policy()) == before


class TestChangeDraft:
    def test_takes_no_card_number(self, world: World, milo: User) -> None:
        version = draft(world, milo)
        before = standing(version)

        with pytest.raises(Refused) as refused:
            changed(version, milo, risk_rationale="As with 4242 4242 4242 4242.")

        assert (refused.value.code, refused.value.reasons[0].field) == ("card_number_in_text", "risk_rationale")
        assert standing(version) == before

    def test_forgets_the_second_person_of_a_normal_change(self, world: World, milo: User, mei: User) -> None:
        version = changed(draft(world, milo), milo, change_category="emergency", second_person=mei)

        changed(version, milo, change_category="normal")

        assert stored(version).second_person is None

    def test_writes_nothing_when_nothing_changes(self, world: World, milo: User, mei: User) -> None:
        version = draft(world, milo)
        before = standing(version)

        drafting.change_draft(
            version_id=version.pk,
            document=version.document,
            explanation=drafting.Explanation(**cast("dict[str, Any]", EXPLAINED)),
            seen=editions.edition_of(version),
            actor=mei,
            at=NOON,
        )

        assert standing(version) == before
