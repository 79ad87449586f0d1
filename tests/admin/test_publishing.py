"""From draft to force takes two people, whoever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils.html import strip_tags

from config.kernel.refusals import NotPermitted
from policies import drafting, editions, publishing
from policies.vocabulary import VersionState
from tests.admin.desk import EXPLAINED, as_posted, as_stored, desk_of, draft_by, page_of
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import PolicyVersion
    from tests.harness.world import World

AUTO = "thresholds.default.GBP.auto_up_to_minor"


def in_review(world: World, author: User) -> PolicyVersion:
    """Have a version with a higher automatic limit wait for a reader."""
    draft = draft_by(world, author)
    desk_of(author).post(page_of(draft), as_posted(draft, **{AUTO: "60"}, **EXPLAINED))
    return publishing.send_to_review(version_id=draft.pk, actor=author, at=NOON)


def seen(version: PolicyVersion) -> dict[str, str]:
    """Say what was on the screen."""
    return {"seen": editions.edition_of(as_stored(version))}


class TestANewDraft:
    def test_begins_after_a_confirmation_with_the_rules_in_force(self, world: World, milo: User) -> None:
        version, desk = world.policy(), desk_of(milo)

        asked = desk.get(page_of(version, "new_draft"))
        assert asked.status_code == 200
        assert version.policy.versions.count() == 1
        desk.post(page_of(version, "new_draft"))

        draft = version.policy.versions.get(state=VersionState.DRAFT)
        assert (draft.number, draft.author, draft.document) == (2, milo, version.document)

    def test_is_not_begun_by_those_who_only_read(self, world: World, ada: User) -> None:
        ada.is_staff = True
        ada.save()

        assert desk_of(ada).post(page_of(world.policy(), "new_draft")).status_code == 403


class TestSendToReview:
    def test_asks_for_what_why_and_impact(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        answer = desk_of(milo).post(page_of(draft, "review"))

        assert answer.status_code == 422
        for words in ("what changes", "why it changes", "whom it affects and how"):
            assert words in answer.content.decode()
        assert as_stored(draft).state == VersionState.DRAFT

    def test_shows_what_changes_before_it_asks(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        desk_of(milo).post(page_of(draft), as_posted(draft, **{AUTO: "60"}, **EXPLAINED))

        page = strip_tags(desk_of(milo).get(page_of(draft, "review")).content.decode())

        assert "up to GBP 50.00 automatic" in page
        assert "up to GBP 60.00 automatic" in page
        assert as_stored(draft).state == VersionState.DRAFT

    def test_can_be_taken_back(self, world: World, milo: User) -> None:
        waiting = in_review(world, milo)

        desk_of(milo).post(page_of(waiting, "back"))

        assert as_stored(waiting).state == VersionState.DRAFT


class TestPublish:
    def test_puts_a_version_in_force_and_retires_the_one_before(self, world: World, milo: User, mei: User) -> None:
        before, waiting = world.policy(), in_review(world, milo)

        answer = desk_of(mei).post(page_of(waiting, "publish"), seen(waiting))

        assert answer.status_code == 302
        published = as_stored(waiting)
        assert (published.state, published.published_by) == (VersionState.PUBLISHED, mei)
        assert as_stored(before).state == VersionState.RETIRED

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_refused_to_the_author(self, world: World, milo: User, method: str) -> None:
        waiting = in_review(world, milo)

        answer = getattr(desk_of(milo), method)(page_of(waiting, "publish"), seen(waiting))

        assert answer.status_code == 403
        assert "You wrote this version. Somebody else must publish it." in answer.content.decode()
        assert as_stored(waiting).state == VersionState.IN_REVIEW

    def test_is_refused_to_a_superuser_who_wrote_it(self, world: World, zeus: User) -> None:
        waiting = in_review(world, zeus)

        answer = desk_of(zeus).post(page_of(waiting, "publish"), seen(waiting))

        assert answer.status_code == 403
        assert as_stored(waiting).state == VersionState.IN_REVIEW

    def test_is_refused_to_whoever_changed_somebody_elses_draft(self, world: World, milo: User, mei: User) -> None:
        draft = draft_by(world, milo)
        desk_of(mei).post(page_of(draft), as_posted(draft, **{AUTO: "5000"}, **EXPLAINED))
        publishing.send_to_review(version_id=draft.pk, actor=milo, at=NOON)

        answer = desk_of(mei).post(page_of(draft, "publish"), seen(draft))

        assert answer.status_code == 403
        assert "You changed this version." in answer.content.decode()
        with pytest.raises(NotPermitted):
            publishing.publish_version(version_id=draft.pk, actor=mei, at=NOON)

    def test_is_refused_without_the_right(self, world: World, milo: User, root: User) -> None:
        assert desk_of(root).post(page_of(in_review(world, milo), "publish")).status_code == 403

    def test_is_out_of_date_when_it_says_something_else_than_what_was_read(
        self, world: World, milo: User, mei: User
    ) -> None:
        waiting = in_review(world, milo)
        read = seen(waiting)
        publishing.send_back(version_id=waiting.pk, actor=milo, at=NOON)
        desk_of(milo).post(page_of(waiting), as_posted(waiting, **{AUTO: "5000"}))
        publishing.send_to_review(version_id=waiting.pk, actor=milo, at=NOON)

        answer = desk_of(mei).post(page_of(waiting, "publish"), read)

        assert answer.status_code == 409
        assert as_stored(waiting).state == VersionState.IN_REVIEW

    def test_is_out_of_date_the_second_time(self, world: World, milo: User, mei: User) -> None:
        waiting = in_review(world, milo)
        desk_of(mei).post(page_of(waiting, "publish"), seen(waiting))

        assert desk_of(mei).post(page_of(waiting, "publish"), seen(waiting)).status_code == 409


class TestTheMatrix:
    def test_says_what_happens_at_and_above_each_limit(self, world: World, milo: User) -> None:
        page = desk_of(milo).get(page_of(world.policy(), "matrix"))

        (table,) = page.context["tables"]
        said = {
            str(amount): cell["label"] for amount, cell in zip(table["columns"], table["rows"][0]["cells"], strict=True)
        }
        assert (said["£50.00"], said["£50.01"]) == ("Automatic", "Needs approval")
        assert (said["£5,000.00"], said["£5,000.01"]) == ("Needs approval", "Blocked")
        assert "A real decision may be stricter" in page.content.decode()

    def test_marks_cells_that_change(self, world: World, milo: User) -> None:
        page = desk_of(milo).get(page_of(in_review(world, milo), "difference"))

        (table,) = page.context["tables"]
        changed = {
            str(amount): cell["before"]
            for amount, cell in zip(table["columns"], table["rows"][0]["cells"], strict=True)
            if cell["before"]
        }
        assert changed == {"£50.01": "Needs approval", "£60.00": "Needs approval"}
        assert [change.before[:60] for change in page.context["changes"]]

    @pytest.mark.parametrize("word", ["matrix", "difference", "review", "publish", "back", "new_draft"])
    def test_and_every_other_page_is_hidden_from_strangers(self, world: World, asha: User, word: str) -> None:
        asha.is_staff = True
        asha.is_superuser = False
        asha.save()

        assert desk_of(asha).get(page_of(world.policy(), word)).status_code == 403


class TestDraftFrom:
    def test_numbers_two_drafts_apart(self, world: World, milo: User, mei: User) -> None:
        first = drafting.draft_from(version_id=world.policy().pk, actor=milo, at=NOON)
        second = drafting.draft_from(version_id=world.policy().pk, actor=mei, at=NOON)

        assert (first.number, second.number) == (2, 3)
