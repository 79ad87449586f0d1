"""The demo shows changes of policy under way, each with a second person still to come."""

from __future__ import annotations

import pytest

from config.demo.people import settle_people, settle_policies
from config.demo.proposals import propose_for_review, propose_in_shadow
from policies.models import ModeChange, PolicyVersion
from tests.harness.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)


class TestProposals:
    def test_stand_beside_what_is_in_force_and_change_none_of_it(self) -> None:
        settle_people(at=NOON)
        settle_policies(at=NOON)
        propose_in_shadow(at=NOON)
        propose_in_shadow(at=NOON)
        propose_for_review(at=NOON)
        versions = set(PolicyVersion.objects.values_list("policy__team__slug", "number", "state"))
        assert versions == {
            ("uk-retail", 1, "published"),
            ("uk-retail", 2, "in_review"),
            ("us-dtc", 1, "published"),
            ("us-dtc", 2, "shadow"),
            ("eu-saas", 1, "published"),
        }
        change = ModeChange.objects.get()
        assert (change.policy.team.slug, change.category, change.state) == ("eu-saas", "refund", "proposed")
        assert change.policy.enforced_categories == []
