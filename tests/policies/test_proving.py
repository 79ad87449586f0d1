"""A proof knows who could sign: people of the team, with the role, within their limits."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import AuthorityLimit
from policies.engine.document import parse_document
from policies.engine.gaps import Gap, Kind, Severity
from policies.models import ExceptionCode
from policies.proving import proof_for, proof_of
from policies.templates import TypedTemplate, typed_template, typed_templates
from tests.harness.people import by_decree, settle

if TYPE_CHECKING:
    from tests.harness.world import World

OF_PEOPLE = {Kind.NOBODY_MAY_APPROVE, Kind.TOO_FEW_PEOPLE, Kind.ROLE_MAY_NOT_SIGN, Kind.ROLE_UNKNOWN}
RETAIL = typed_template("retail-goods")


def document(*, most_minor: int, tiers: list[dict[str, Any]] | None = None, **step: Any) -> dict[str, Any]:
    """Write a policy on refunds in GBP that asks for one signature of an approver."""
    assert RETAIL is not None
    raw = copy.deepcopy(RETAIL.document)
    nothing = {"auto_up_to_minor": 0, "approve_up_to_minor": 0}
    raw["thresholds"] = {
        "default": {"GBP": nothing},
        "refund": {"GBP": {"auto_up_to_minor": 50_00, "approve_up_to_minor": most_minor}},
    }
    usual = {"role": "approver", "sla_hours": 24}
    raw["approval"] = {"tiers": {"GBP": tiers or []}, "otherwise": [usual | step]}
    return raw


def found(world: World, raw: dict[str, Any], *kinds: Kind) -> list[Gap]:
    return [gap for gap in proof_for(parse_document(raw), world.team()) if gap.kind in (kinds or OF_PEOPLE)]


class TestAProofOfPeople:
    def test_names_the_smallest_amount_nobody_can_approve(self, world: World) -> None:
        settle("dana"), settle("viktor")

        (gap,) = found(world, document(most_minor=9_000_00))

        assert (gap.kind, gap.severity) == (Kind.NOBODY_MAY_APPROVE, Severity.ERROR)
        assert gap.sentence == (
            "From GBP 5,000.01 on nobody can approve a refund: the highest limit is GBP 5,000.00, of Viktor."
        )

    def test_is_silent_where_the_highest_limit_reaches_the_block(self, world: World) -> None:
        settle("viktor")

        assert found(world, document(most_minor=5_000_00)) == []

    def test_begins_above_what_is_automatic_when_there_is_nobody(self, world: World) -> None:
        (gap,) = found(world, document(most_minor=100_00))

        assert gap.sentence == (
            "From GBP 50.01 on nobody can approve a refund: no approver of the team has a limit for it."
        )

    def test_joins_categories_and_tiers_that_share_a_sentence(self, world: World) -> None:
        settle("dana")
        tier = {"up_to_minor": 800_00, "steps": [{"role": "approver", "sla_hours": 1}]}
        raw = document(most_minor=900_00, tiers=[tier])
        raw["thresholds"]["default"]["GBP"] = {"auto_up_to_minor": 50_00, "approve_up_to_minor": 900_00}

        refund, others = [gap.sentence for gap in found(world, raw)]

        assert refund == "From GBP 500.01 on nobody can approve a refund: the highest limit is GBP 500.00, of Dana."
        assert others == (
            "From GBP 50.01 on nobody can approve a goodwill credit, a payout, a transfer, a transfer reversal, a"
            " dispute or an application fee refund: no approver of the team has a limit for it."
        )

    def test_counts_each_person_once(self, world: World) -> None:
        settle("dana"), settle("viktor")
        twice = [{"role": "approver", "sla_hours": 1}, {"role": "approver", "sla_hours": 2}]
        raw = document(most_minor=5_000_00, tiers=[{"up_to_minor": 5_000_00, "steps": twice}])

        (gap,) = found(world, raw)

        assert gap.kind is Kind.TOO_FEW_PEOPLE
        assert gap.sentence == (
            "From GBP 500.01 on too few can approve a refund: 2 people sign (approver), and only Viktor may."
        )

    def test_names_a_quorum_larger_than_the_team(self, world: World) -> None:
        settle("dana"), settle("viktor"), settle("vera")

        (gap,) = found(world, document(most_minor=400_00, quorum=4))

        assert "4 people sign (approver), and only Dana, Viktor and Vera may." in gap.sentence

    def test_ends_where_the_next_tier_asks_for_fewer(self, world: World) -> None:
        settle("viktor")
        tier = {"up_to_minor": 100_00, "steps": [{"role": "approver", "quorum": 2, "sla_hours": 1}]}

        (gap,) = found(world, document(most_minor=5_000_00, tiers=[tier]))

        assert gap.sentence.startswith("From GBP 50.01 to GBP 100.00 too few can approve a refund")

    def test_names_the_case_that_brings_in_somebody_who_is_not_there(self, world: World) -> None:
        settle("dana"), settle("viktor")
        raw = document(most_minor=5_000_00)
        raw["approval"]["also"] = [
            {"role": "director", "sla_hours": 8, "when": {"risks": ["high"], "above_minor": {"GBP": 100_00}}}
        ]

        (gap,) = found(world, raw)

        assert (gap.kind, gap.path) == (Kind.NOBODY_MAY_APPROVE, "approval.also")
        assert gap.sentence == (
            "For a high risk with more than GBP 100.00, from GBP 100.01 on nobody can approve a refund: no director of"
            " the team has a limit for it."
        )

    def test_counts_each_person_once_when_another_is_brought_in(self, world: World) -> None:
        settle("dana"), settle("viktor")
        raw = document(most_minor=5_000_00)
        raw["approval"]["also"] = [{"role": "approver", "sla_hours": 8, "when": {"exception_codes": ["OTHER"]}}]

        (gap,) = found(world, raw)

        assert gap.sentence == (
            "For the code OTHER, from GBP 500.01 on too few can approve a refund: 2 people sign (approver), and only"
            " Viktor may."
        )

    def test_says_what_only_two_extras_bring_about_together(self, world: World) -> None:
        settle("dana"), settle("viktor")
        raw = document(most_minor=500_00)
        another = {"role": "approver", "sla_hours": 8}
        raw["approval"]["also"] = [
            another | {"when": {"risks": ["high"]}},
            another | {"when": {"reasons": ["damaged"]}},
            another | {"when": {"risks": ["low"]}},
        ]

        sentences = [gap.sentence for gap in found(world, raw)]

        assert len(sentences) == 2
        assert sentences[0].startswith("For a high risk and the reason “damaged”, from GBP 50.01 on too few")
        assert sentences[1].startswith("For the reason “damaged” and a low risk, from GBP 50.01 on too few")

    def test_says_nothing_of_extras_where_the_tiers_cannot_be_signed_either(self, world: World) -> None:
        raw = document(most_minor=500_00)
        raw["approval"]["also"] = [{"role": "director", "sla_hours": 8, "when": {"risks": ["high"]}}]

        (gap,) = found(world, raw)

        assert gap.path == "approval.tiers.GBP"

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_service_account": True}])
    def test_does_not_count_who_cannot_log_in_or_is_no_person(self, world: World, change: dict[str, bool]) -> None:
        viktor = settle("viktor")
        type(viktor).objects.filter(pk=viktor.pk).update(**change)

        (gap,) = found(world, document(most_minor=100_00))

        assert "no approver of the team has a limit" in gap.sentence

    def test_goes_by_the_personal_limit_before_that_of_the_role(self, world: World) -> None:
        settle("dana")
        with by_decree():
            AuthorityLimit.objects.create(
                role="approver", category="refund", currency="GBP", single_minor=9_000_00, daily_minor=9_000_00
            )

        (gap,) = found(world, document(most_minor=900_00))

        assert "the highest limit is GBP 500.00, of Dana" in gap.sentence

    @pytest.mark.parametrize(
        ("role", "kind", "words"),
        [
            ("treasurer", Kind.ROLE_UNKNOWN, "“Treasurer” is no role that anybody can hold"),
            ("finance", Kind.ROLE_MAY_NOT_SIGN, "“Finance” may not sign"),
        ],
    )
    def test_names_a_role_that_cannot_sign_and_nothing_else_about_it(
        self, world: World, role: str, kind: Kind, words: str
    ) -> None:
        (gap,) = found(world, document(most_minor=100_00, role=role))

        assert (gap.kind, gap.path) == (kind, "approval.otherwise.0.role")
        assert words in gap.sentence

    def test_asks_as_many_questions_for_many_people_as_for_few(
        self, world: World, django_assert_max_num_queries: Any
    ) -> None:
        for name in ("dana", "viktor", "vera"):
            settle(name)

        with django_assert_max_num_queries(8):
            found(world, document(most_minor=100_00))


class TestAProofOfCodes:
    def test_names_codes_nobody_can_grant(self, world: World) -> None:
        raw = document(most_minor=100_00)
        raw["exception_codes"] = {"return_window": ["OTHER", "NEVER_HEARD_OF"], "final_sale": ["WINDOW_EXPIRED"]}
        ExceptionCode.objects.filter(code="WINDOW_EXPIRED").update(state="retired")

        gaps = found(world, raw, Kind.CODE_UNKNOWN, Kind.CODE_NOT_IN_USE)

        assert {(gap.kind, gap.sentence) for gap in gaps} == {
            (Kind.CODE_UNKNOWN, "NEVER_HEARD_OF is in no catalogue, so nobody can grant it."),
            (Kind.CODE_NOT_IN_USE, "WINDOW_EXPIRED is retired, so nobody can grant it."),
        }


class TestAProofOfAVersion:
    def test_joins_the_document_and_the_people(self, world: World) -> None:
        kinds = {gap.kind for gap in proof_of(world.policy())}

        assert {Kind.CATEGORY_BY_DEFAULT, Kind.NOBODY_MAY_APPROVE} <= kinds

    @pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)
    def test_knows_every_role_and_code_of_a_template(self, world: World, template: TypedTemplate) -> None:
        unknown = {Kind.ROLE_UNKNOWN, Kind.ROLE_MAY_NOT_SIGN, Kind.CODE_UNKNOWN, Kind.CODE_NOT_IN_USE}

        assert [gap for gap in proof_for(template.parsed, world.team()) if gap.kind in unknown] == []
