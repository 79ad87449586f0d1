"""Whoever writes a version sees what it would say before anything is saved, and what it changes, leaves open and is."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from django.utils.html import strip_tags

from config.kernel.people import assign_to_teams
from policies.models import PolicyVersion
from policies.version_logs import canonical
from tests.admin.desk import EXPLAINED, as_posted, as_stored, desk_of, draft_by, page_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

AUTO = "thresholds.default.GBP.auto_up_to_minor"
MOST = "thresholds.default.GBP.approve_up_to_minor"
PAGES = ["preview", "difference", "proof", "matrix", "rules_file", "matrix_file"]


class TestThePreview:
    def test_draws_what_is_typed_and_saves_nothing(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        answer = desk_of(milo).post(page_of(draft, "preview"), as_posted(draft, **{AUTO: "77"}))

        page = strip_tags(answer.content.decode())
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()
        assert "£77.01" in page
        assert "milder, was: Needs approval" in page
        assert as_stored(draft).document == draft.document

    def test_names_bands_in_the_wrong_order_and_draws_nothing(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        page = desk_of(milo).post(page_of(draft, "preview"), as_posted(draft, **{AUTO: "6000"})).content.decode()

        assert "The matrix cannot be drawn until this is mended" in page
        assert f'data-mistake="id_{MOST}"' in page
        assert "<table" not in page

    def test_draws_the_thresholds_while_another_chapter_is_wrong(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        typed = as_posted(draft, **{AUTO: "77", "tenure.minimum_days": "many"})

        page = desk_of(milo).post(page_of(draft, "preview"), typed).content.decode()

        assert "1 mistake elsewhere" in page
        assert "£77.01" in page

    def test_says_when_somebody_saved_meanwhile(self, world: World, milo: User, mei: User) -> None:
        draft = draft_by(world, milo)
        typed = as_posted(draft, **{AUTO: "77"})
        desk_of(mei).post(page_of(draft), as_posted(draft, **{AUTO: "60"}))

        assert b"Somebody saved this draft" in desk_of(milo).post(page_of(draft, "preview"), typed).content

    def test_works_as_a_page_for_who_has_no_javascript(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        typed = as_posted(draft, **{AUTO: "77", "limit.0.per": "agent", "do": "preview"})

        answer = desk_of(milo).post(page_of(draft), typed)

        assert answer.status_code == 200
        assert answer.context["form"][AUTO].value() == "77"
        assert "£77.01" in answer.content.decode()
        opened = [section["title"] for section in answer.context["sections"] if section["is_open"]]
        assert opened == ["Thresholds", "Limits over time"]
        assert as_stored(draft).document == draft.document

    def test_is_refused_once_it_is_no_draft(self, world: World, milo: User) -> None:
        version = world.policy()

        answer = desk_of(milo).post(page_of(version, "preview"), as_posted(version))

        assert answer.status_code == 409

    def test_leads_whoever_comes_by_an_address_to_the_draft(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        assert desk_of(milo).get(page_of(draft, "preview"))["Location"] == page_of(draft)

    def test_costs_as_many_queries_however_much_is_typed(
        self, world: World, milo: User, django_assert_max_num_queries: pytest.MonkeyPatch
    ) -> None:
        draft, desk = draft_by(world, milo), desk_of(milo)
        typed = as_posted(draft, **{AUTO: "77"})
        desk.post(page_of(draft, "preview"), typed)

        with django_assert_max_num_queries(16):  # type: ignore[operator]
            desk.post(page_of(draft, "preview"), typed)


class TestTheDifference:
    def test_marks_the_words_and_the_cells_that_change(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        desk_of(milo).post(page_of(draft), as_posted(draft, **{AUTO: "40"}, **EXPLAINED))

        page = desk_of(milo).get(page_of(draft, "difference")).content.decode()

        assert "<del>50.00 </del>" in page
        assert "<ins>40.00 </ins>" in page
        assert "stricter, was: Automatic" in page
        assert "14 cells have another outcome: 14 stricter." in page

    def test_compares_with_any_other_version_of_the_policy(self, world: World, milo: User) -> None:
        first, second = draft_by(world, milo), draft_by(world, milo)
        desk_of(milo).post(page_of(first), as_posted(first, **{AUTO: "40"}, **EXPLAINED))

        page = desk_of(milo).get(page_of(second, "difference"), {"against": str(first.pk)})

        assert page.context["other"].pk == first.pk
        assert "40.00" in page.context["changes"][0].before[1].words

    def test_knows_no_version_of_another_policy(self, world: World, milo: User) -> None:
        draft, stranger = draft_by(world, milo), world.policy("us-dtc")

        page = desk_of(milo).get(page_of(draft, "difference"), {"against": str(stranger.pk)})

        assert page.context["other"] == world.policy()


class TestTheProof:
    def test_is_shown_on_its_page_and_before_review(self, world: World, milo: User) -> None:
        settle("viktor")
        draft = draft_by(world, milo)
        desk_of(milo).post(page_of(draft), as_posted(draft, **{MOST: "9000"}, **EXPLAINED))

        for word in ("proof", "review"):
            page = desk_of(milo).get(page_of(draft, word)).content.decode()
            assert "From GBP 5,000.01 on nobody can approve a refund" in page
            assert "Coverage proof: " in page


class TestTheFiles:
    @pytest.mark.parametrize("word", ["rules_file", "matrix_file"])
    def test_say_whose_rules_they_are(self, world: World, milo: User, word: str) -> None:
        version = world.policy()

        answer = desk_of(milo).get(page_of(version, word))

        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        head = dict(row for row in rows[:6] if row)
        assert answer["Content-Type"].startswith("text/csv")
        assert (head["Policy"], head["Version"], head["State"]) == (version.policy.title, "1", "Published")
        assert head["SHA-256 of the rules"] == hashlib.sha256(canonical(version.document)).hexdigest()
        assert head["Written on"].endswith("+00:00")

    def test_hold_every_rule_and_every_cell(self, world: World, milo: User) -> None:
        version = world.policy()

        rules = desk_of(milo).get(page_of(version, "rules_file")).content.decode()
        cells = desk_of(milo).get(page_of(version, "matrix_file")).content.decode()

        assert "Thresholds,All categories without bands of their own in GBP," in rules
        assert "GBP,Refund,as all others,50.01,Needs approval" in cells

    def test_never_hold_a_formula(self, world: World, milo: User) -> None:
        version = world.policy()
        type(version.policy).objects.filter(pk=version.policy_id).update(title="=1+1")
        draft = draft_by(world, milo)
        raw = draft.document | {"exclusions": {"excludes_final_sale": True, "product_categories": ["+cmd"]}}
        PolicyVersion.objects.filter(pk=draft.pk).update(document=raw)

        rules = desk_of(milo).get(page_of(draft, "rules_file")).content.decode()

        assert "Policy,'=1+1" in rules
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(rules)) for cell in row)


class TestTheList:
    def test_says_what_each_version_changes_and_which_other_is_open(self, world: World, milo: User, mei: User) -> None:
        first, second = draft_by(world, milo), draft_by(world, mei)
        desk_of(milo).post(page_of(second), as_posted(second, **{AUTO: "40"}, **EXPLAINED))

        page = strip_tags(desk_of(milo).get("/admin/policies/policyversion/?state=draft").content.decode())

        assert "1 rule" in page
        assert f"version {first.number} is open too" in page
        assert "2 policy versions" in page

    def test_is_warned_of_on_the_page_of_the_draft(self, world: World, milo: User, mei: User) -> None:
        first, second = draft_by(world, milo), draft_by(world, mei)

        page = desk_of(milo).get(page_of(first)).content.decode()

        assert f"Version {second.number} of this policy is open too: draft, by Mei." in page


class TestEveryPage:
    @pytest.mark.parametrize("word", PAGES)
    def test_is_hidden_from_strangers(self, world: World, milo: User, word: str) -> None:
        draft = draft_by(world, milo)
        assign_to_teams(user=milo, teams=[world.team("us-dtc")])

        assert desk_of(milo).get(page_of(draft, word)).status_code == 404
