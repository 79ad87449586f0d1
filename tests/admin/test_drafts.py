"""Drafts are edited in typed rows, and saving never publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from config.kernel.people import assign_to_teams
from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from policies import publishing
from policies.engine.conduct import Sums
from policies.engine.document import PolicyDocument, document_json, parse_document
from policies.forms import DraftForm
from policies.models import Policy, PolicyVersion
from policies.templates import typed_template, typed_templates
from policies.vocabulary import VersionState
from tests.admin.desk import EXPLAINED, as_posted, as_stored, desk_of, draft_by, page_of, posted
from tests.admin.full_document import FULL_DOCUMENT
from tests.harness.world import NOON
from tests.policies.strategies import documents

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

AUTO = "thresholds.default.GBP.auto_up_to_minor"
MOST = "thresholds.default.GBP.approve_up_to_minor"
BASIS = "return_windows.days_by_legal_basis"
CLOSED = "business_hours.closed_on"
LIMIT = {"limit.0.per": "customer", "limit.0.window_days": "7", "limit.0.most_count": "3"}
EXTRA = {"extra.0.role": "manager", "extra.0.sla_hours": "8", "extra.0.risks": ["high"]}
SPAN = {"span.0.weekdays": ["1"], "span.0.opens": "9:00", "span.0.closes": "17:00"}


def without_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out rows that say nothing: a category without bands, a currency without tiers, a rule without codes."""
    said = dict(document)
    for chapter in ("thresholds", "exception_codes"):
        said[chapter] = {key: rows for key, rows in document[chapter].items() if rows}
    tiers = {currency: ladder for currency, ladder in document["approval"]["tiers"].items() if ladder}
    return said | {"approval": document["approval"] | {"tiers": tiers}}


class TestADraftsPage:
    @pytest.mark.parametrize("slug", ["everything", *[template.slug for template in typed_templates()]])
    def test_says_all_of_a_document_and_nothing_else(self, world: World, slug: str) -> None:
        template = typed_template(slug)
        document = FULL_DOCUMENT if template is None else template.document
        version = PolicyVersion(policy=Policy.objects.get(team=world.team()), document=document)

        form = DraftForm(version, posted(DraftForm(version)))

        assert form.is_valid(), form.errors
        assert form.document == document_json(parse_document(document))

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(document=documents())
    def test_says_all_of_any_document(self, world: World, document: PolicyDocument) -> None:
        version = PolicyVersion(policy=Policy.objects.get(team=world.team()), document=document_json(document))

        form = DraftForm(version, posted(DraftForm(version)))

        assert form.is_valid(), form.errors
        assert without_empty(form.document) == without_empty(document_json(document))

    def test_is_tried_on_a_document_that_uses_every_chapter(self) -> None:
        document = parse_document(FULL_DOCUMENT)

        unused = [name for name in PolicyDocument.model_fields if not getattr(document, name)]
        assert unused == []

    def test_drops_a_chapter_that_was_emptied(self, world: World) -> None:
        version = PolicyVersion(policy=Policy.objects.get(team=world.team()), document=FULL_DOCUMENT)
        typed = posted(DraftForm(version))
        emptied = {
            name: value
            for name, value in typed.items()
            if not name.startswith(("sums.", "limit.", "tenure.", "span.", "business_hours.", "dispute_deadline"))
        }
        outcomes = {name: value for name, value in typed.items() if name.endswith(".outcome")}

        form = DraftForm(version, emptied | outcomes)

        assert form.is_valid(), form.errors
        said = parse_document(form.document)
        assert (said.sums, said.velocity, said.tenure, said.business_hours) == (Sums(), (), None, None)
        assert said.dispute_deadline_hours is None

    def test_saves_amounts_in_whole_units_exactly(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        changes = {AUTO: "1,249.99", "thresholds.payout.GBP.auto_up_to_minor": "0"}
        changes["thresholds.payout.GBP.approve_up_to_minor"] = "10"

        answer = desk_of(milo).post(page_of(draft), as_posted(draft, **changes, **EXPLAINED))

        assert answer.status_code == 302
        saved = as_stored(draft)
        assert saved.document["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 1249_99
        assert saved.document["thresholds"]["payout"]["GBP"] == {"auto_up_to_minor": 0, "approve_up_to_minor": 10_00}
        assert (saved.what, saved.state) == (EXPLAINED["what"], VersionState.DRAFT)
        assert saved.policy.versions.get(state=VersionState.PUBLISHED) == world.policy()

    def test_is_written_into_the_ledger(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        desk_of(milo).post(page_of(draft), as_posted(draft, **{AUTO: "60"}))

        entry = timeline_of(Subject("policy_version", draft.pk)).last()
        assert entry is not None
        assert (entry.kind, entry.actor) == ("policy.changed", milo)

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({AUTO: "60", MOST: "50"}, MOST, "Must not be below the automatic amount: the bands would overlap."),
            ({AUTO: "-1"}, AUTO, "Must be 0 or more."),
            ({AUTO: "1.999"}, AUTO, "GBP has 2 decimals."),
            ({AUTO: "many"}, AUTO, "Enter an amount such as 12.50."),
            ({MOST: ""}, MOST, "Is required."),
            ({AUTO: "", MOST: ""}, AUTO, "Name the bands of at least one currency."),
            ({"thresholds.new_currency": "ZZZ"}, "thresholds.new_currency", "ZZZ is not an ISO 4217 currency."),
            ({"return_windows.default_days": "99999"}, "return_windows.default_days", "Must be 3650 or less."),
            ({"return_windows.default_days": ""}, "return_windows.default_days", "or tick “no limit”."),
            ({"product.0": "5"}, "product.0.name", "Name the product category of this window."),
            ({"product.0.name": "x", "product.0": "-5"}, "product.0", "Must be 0 or more."),
            (
                {"conditions.restocking_basis_points.opened": "101"},
                "conditions.restocking_basis_points.opened",
                "Enter a percentage from 0 to 100.",
            ),
            ({"evidence.damaged.kinds": []}, "evidence.damaged.kinds", "Tick what is asked for above the amount."),
            (
                {"evidence.other.kinds": ["photo"]},
                "evidence.other.above_minor.GBP",
                "Enter the amount above which this is asked for.",
            ),
            ({"approval.0.sla_hours": ""}, "approval.0.sla_hours", "Enter within how many hours."),
            ({"approval.0.quorum": "0"}, "approval.0.quorum", "Must be 1 or more."),
            (
                {"approval.0.out_of": "1", "approval.0.quorum": "2"},
                "approval.0.out_of",
                "below the people who must agree",
            ),
            (
                {"approval.0.is_parallel": "together"},
                "approval.0.is_parallel",
                "has none before it to be together with.",
            ),
            (EXTRA | {"extra.0.role": ""}, "extra.0.role", "Name who signs."),
            (EXTRA | {"extra.0.sla_hours": ""}, "extra.0.sla_hours", "Enter within how many hours."),
            (EXTRA | {"extra.0.risks": []}, "extra.0.risks", "Tick or enter when this signature is needed."),
            (EXTRA | {"extra.0.quorum": "3", "extra.0.out_of": "2"}, "extra.0.out_of", "below the people who must"),
            (EXTRA | {"extra.0.above_minor.GBP": "-1"}, "extra.0.above_minor.GBP", "Must be 0 or more."),
            (EXTRA | {"extra.0.risks": ["enormous"]}, "extra.0.risks", "is not one of the available choices"),
            ({"approval.0.currency": ""}, "approval.0.currency", "Name the currency of this amount."),
            ({"approval.2.remove": "on"}, "approval.5.role", "Name who signs everything above"),
            (
                LIMIT | {"limit.0.window_days": ""},
                "limit.0.window_days",
                "Choose within how many days this is counted.",
            ),
            (LIMIT | {"limit.0.most_count": ""}, "limit.0.most_count", "Limit a number, an amount or a share."),
            (LIMIT | {"limit.0.most_count": "-1"}, "limit.0.most_count", "Must be 0 or more."),
            (LIMIT | {"limit.0.per": ""}, "limit.0.per", "Say for whom this is counted."),
            (
                LIMIT | {"limit.0.per": "agent", "limit.0.most_share_basis_points": "5"},
                "limit.0.most_share_basis_points",
                "An agent buys nothing",
            ),
            (
                LIMIT | {name.replace("0", "1"): value for name, value in LIMIT.items()},
                "limit.1.per",
                "A limit above counts the same with the same outcome; make them one.",
            ),
            ({"tenure.auto_up_to_minor.GBP": "5"}, "tenure.minimum_days", "Enter for how many days a customer is new"),
            ({"tenure.minimum_days": "0"}, "tenure.minimum_days", "Must be 1 or more."),
            ({"span.0.weekdays": ["1"], "span.0.opens": "9:00"}, "span.0.closes", "Enter when these hours end."),
            (SPAN | {"span.0.opens": "noon"}, "span.0.opens", "Enter a time such as 09:30."),
            (SPAN | {"span.0.closes": "8:00"}, "span.0.closes", "Must be later than opens"),
            (
                SPAN | {"span.1.weekdays": ["2", "1"], "span.1.opens": "16:59", "span.1.closes": "18:00"},
                "span.1.opens",
                "Overlaps with hours 1 above.",
            ),
            (SPAN | {CLOSED: "25.12.2026"}, CLOSED, "“25.12.2026” is not a date such as 2026-12-25."),
            ({CLOSED: "2026-12-25"}, "span.0.weekdays", "Name the hours of at least one weekday"),
            ({"dispute_deadline_hours": "0"}, "dispute_deadline_hours", "Must be 1 or more."),
            (
                {f"{BASIS}.withdrawal.default_days": "14", "return_windows.days_by_reason.other": "9"}
                | {"return_windows.legal_basis_by_reason.other": "withdrawal"},
                "return_windows.legal_basis_by_reason.other",
                "The ground of this reason, right of withdrawal, has a window too. Keep one of the two.",
            ),
            (
                {f"{BASIS}.goodwill.default_days": "", "ground.0.basis": "goodwill", "ground.0.name": "food"}
                | {"ground.0": "5"},
                f"{BASIS}.goodwill.default_days",
                "say what holds for all others",
            ),
            ({"open_dispute": "allow"}, "open_dispute", "not one of the available choices"),
        ],
    )
    def test_refuses_a_mistake_at_its_field_and_writes_nothing(
        self, world: World, milo: User, changes: dict[str, object], field: str, sentence: str
    ) -> None:
        draft = draft_by(world, milo)
        before = as_stored(draft).document

        answer = desk_of(milo).post(page_of(draft), as_posted(draft, **changes, **EXPLAINED))

        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert list(errors) == [field]
        assert sentence in errors[field][0]
        assert (as_stored(draft).document, as_stored(draft).what) == (before, "")

    def test_refuses_a_stale_save_and_keeps_what_both_typed(self, world: World, milo: User, mei: User) -> None:
        draft = draft_by(world, milo)
        milos, meis = as_posted(draft, **{AUTO: "60"}), as_posted(draft, **{AUTO: "70"})
        desk_of(milo).post(page_of(draft), milos)

        answer = desk_of(mei).post(page_of(draft), meis)

        assert answer.status_code == 409
        assert "Milo saved this draft after you opened it." in answer.content.decode()
        assert answer.context["form"][AUTO].value() == "70"
        assert as_stored(draft).document["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 60_00

    def test_opens_a_grid_for_a_new_currency_with_everything_blocked(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        desk_of(milo).post(page_of(draft), as_posted(draft, **{"thresholds.new_currency": "jpy"}))

        assert as_stored(draft).document["thresholds"]["default"]["JPY"] == {
            "auto_up_to_minor": 0,
            "approve_up_to_minor": 0,
        }
        assert "thresholds.refund.JPY.auto_up_to_minor" in DraftForm(as_stored(draft)).fields

    def test_puts_signatures_with_one_amount_behind_each_other(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        second = {"approval.3.currency": "GBP", "approval.3.up_to": "500", "approval.3.role": "approver"}

        desk_of(milo).post(
            page_of(draft), as_posted(draft, **second, **{"approval.3.quorum": "2", "approval.3.sla_hours": "6"})
        )

        first_tier = as_stored(draft).document["approval"]["tiers"]["GBP"][0]
        assert [(step["quorum"], step["sla_hours"]) for step in first_tier["steps"]] == [(1, 4), (2, 6)]

    def test_asks_for_an_extra_signature_in_some_cases(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        typed = EXTRA | {"extra.0.is_parallel": "together", "extra.0.above_minor.GBP": "12.50"}

        desk_of(milo).post(page_of(draft), as_posted(draft, **typed, **EXPLAINED))

        (extra,) = as_stored(draft).document["approval"]["also"]
        assert (extra["role"], extra["quorum"], extra["is_parallel"]) == ("manager", 1, True)
        assert (extra["when"]["risks"], extra["when"]["above_minor"]) == (["high"], {"GBP": 12_50})

    def test_names_every_input(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)

        form = DraftForm(as_stored(draft))

        in_grids = [
            field
            for section in form.sections
            for grid in section["grids"]
            for row in grid["rows"]
            for cell in row["cells"]
            for field in cell
        ]
        assert in_grids
        for field in in_grids:
            is_labelled_beside = field.use_fieldset or field.widget_type == "checkbox"
            assert is_labelled_beside or field.field.widget.attrs["aria-label"]


class TestAVersionThatIsNoDraft:
    def test_is_read_in_sentences(self, world: World, milo: User) -> None:
        page = desk_of(milo).get(page_of(world.policy()))

        assert page.status_code == 200
        assert "up to GBP 50.00 automatic" in page.content.decode()
        assert b"Save the draft" not in page.content

    @pytest.mark.parametrize("name", ["milo", "mei", "root", "zeus"])
    def test_is_never_saved_once_published(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        version = world.policy()

        answer = desk_of(request.getfixturevalue(name)).post(page_of(version), as_posted(version, **{AUTO: "60"}))

        assert answer.status_code == 403
        assert as_stored(version).document == version.document

    def test_is_out_of_date_while_it_waits_for_review(self, world: World, milo: User) -> None:
        draft = draft_by(world, milo)
        typed = as_posted(draft, **{AUTO: "60"})
        desk_of(milo).post(page_of(draft), as_posted(draft, **EXPLAINED))
        publishing.send_to_review(version_id=draft.pk, actor=milo, at=NOON)

        assert desk_of(milo).post(page_of(draft), typed).status_code == 409

    def test_is_hidden_from_strangers(self, world: World, milo: User) -> None:
        assign_to_teams(user=milo, teams=[world.team("us-dtc")])

        assert desk_of(milo).get(page_of(world.policy())).status_code == 404
