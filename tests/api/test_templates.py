"""Typed templates over the API: what there is to start from, and what installing leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.kernel.people import Team, assign_to_teams
from policies.models import Policy, PolicyVersion
from policies.templates import typed_template, typed_templates
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

INSTALL = "policies/typed-templates/install"


@pytest.fixture
def new_team(world: World) -> Team:
    """Open a team without a policy that Root and Mei work for as well."""
    team = Team.objects.create(slug="nordic", name="Nordic", currency="EUR")
    for name in ("root", "mei", "bot"):
        assign_to_teams(user=settle(name), teams=[*world.teams.values(), team])
    return team


class TestTypedTemplates:
    """GET /policies/typed-templates."""

    def test_are_listed_with_rules_words_and_reasons(self, calling: Callable[[str], Caller]) -> None:
        rows = calling("ada").get("policies/typed-templates").json()["results"]

        assert [row["slug"] for row in rows] == [
            "conservative-smb",
            "digital-goods",
            "ecommerce-dtc",
            "high-risk-fintech",
            "marketplace-connect",
            "retail-goods",
            "saas-subscription",
            "travel-services",
        ]
        for row, template in zip(rows, typed_templates(), strict=True):
            assert row["document"] == template.document
            assert row["description"] == " ".join(row["sentences"]) == template.description
            assert row["rationale"]
            assert row["tags"]
            assert row["matrix"]["currency"] == row["currency"] == template.currency

    def test_carry_the_matrix_of_their_currency(self, calling: Callable[[str], Caller]) -> None:
        rows = calling("ada").get("policies/typed-templates").json()["results"]
        [dtc] = [row for row in rows if row["slug"] == "ecommerce-dtc"]
        [credit] = [row for row in dtc["matrix"]["rows"] if row["category"] == "goodwill_credit"]
        outcomes = dict(zip(dtc["matrix"]["amounts_minor"], credit["outcomes"], strict=True))
        assert [outcomes[minor] for minor in (5_000, 5_001, 75_000, 75_001)] == [
            "allow",
            "require_approval",
            "require_approval",
            "block",
        ]

    def test_are_found_where_others_look(self, calling: Callable[[str], Caller]) -> None:
        ada = calling("ada")
        elsewhere = ada.client.get("/api/policies/typed-templates")
        assert elsewhere.json() == ada.get("policies/typed-templates").json()


class TestInstall:
    """POST /policies/typed-templates/install."""

    def test_opens_a_policy_in_shadow(self, calling: Callable[[str], Caller], new_team: Team) -> None:
        answer = calling("root").post(INSTALL, {"slug": "saas-subscription", "team": "nordic"})

        assert answer.status_code == 201
        told = answer.json()
        assert (told["state"], told["number"], told["mode"]) == ("draft", 1, "shadow")
        assert set(told["modes"].values()) == {"shadow"}
        template = typed_template("saas-subscription")
        assert template is not None
        assert (told["document"], told["sentences"]) == (template.document, template.sentences)
        policy = Policy.objects.get(team=new_team)
        assert (policy.enforced_categories, policy.slug) == ([], told["policy"])

    def test_drafts_the_next_version_of_a_policy(self, calling: Callable[[str], Caller], world: World) -> None:
        in_force = world.policy()
        answer = calling("mei").post(INSTALL, {"slug": "conservative-smb", "team": "uk-retail"})

        assert answer.status_code == 201
        told = answer.json()
        assert (told["policy"], told["number"], told["state"], told["mode"]) == ("retail-goods", 2, "draft", "shadow")
        assert told["modes"]["refund"] == "enforce"
        assert world.policy() == in_force

    def test_happens_once_for_each_key(self, calling: Callable[[str], Caller], new_team: Team) -> None:
        body = {"slug": "travel-services", "team": "nordic"}
        first = calling("root").post(INSTALL, body, key="install-1")
        again = calling("root").post(INSTALL, body, key="install-1")

        assert (first.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
        assert again.json() == first.json()
        assert PolicyVersion.objects.filter(policy__team=new_team).count() == 1

    def test_works_where_others_look(self, calling: Callable[[str], Caller], new_team: Team) -> None:
        answer = calling("root").client.post(
            "/api/policies/typed-templates/install", {"slug": "digital-goods", "team": "nordic"}, format="json"
        )
        assert (answer.status_code, answer.json()["policy"]) == (201, "digital-goods")

    def test_takes_the_only_team_of_the_caller(self, calling: Callable[[str], Caller], new_team: Team) -> None:
        assign_to_teams(user=settle("root"), teams=[new_team])
        answer = calling("root").post(INSTALL, {"slug": "retail-goods"})

        assert answer.status_code == 201
        assert answer.json()["policy"] == "retail-goods-nordic"

    @pytest.mark.parametrize(
        ("username", "body", "status", "code", "field"),
        [
            ("root", {"slug": "retail-goods"}, 422, "refused", "team"),
            ("root", {"slug": "free-money", "team": "nordic"}, 422, "refused", "slug"),
            ("root", {"slug": "retail-goods", "team": "atlantis"}, 422, "unknown_team", "team"),
            ("milo", {"slug": "retail-goods", "team": "nordic"}, 422, "unknown_team", "team"),
            ("root", {"slug": 7}, 400, "invalid", "slug"),
            ("root", {}, 400, "invalid", "slug"),
            ("root", {"slug": "retail-goods", "team": "nordic", "colour": "red"}, 400, "unknown_field", "colour"),
            ("mei", {"slug": "retail-goods", "team": "nordic"}, 403, "not_permitted", None),
            ("amir", {"slug": "retail-goods", "team": "uk-retail"}, 403, "not_permitted", None),
            ("bot", {"slug": "retail-goods", "team": "nordic"}, 403, "not_permitted", None),
        ],
    )
    def test_is_refused_and_leaves_nothing(
        self,
        calling: Callable[[str], Caller],
        new_team: Team,
        username: str,
        body: dict[str, Any],
        status: int,
        code: str,
        field: str | None,
    ) -> None:
        before = PolicyVersion.objects.count()
        answer = calling(username).post(INSTALL, body)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])
        assert PolicyVersion.objects.count() == before
        assert not Policy.objects.filter(team=new_team).exists()
