"""Duties that exclude each other: when roles are given, and as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from approvals.conflicts import CONFLICTS, conflicts_among, present_conflicts, sentences_of
from approvals.models import RoleGrant
from approvals.roles import ROLES
from approvals.services.granting import confirm_grant
from approvals.services.roles import subject_of
from config.demo.people import PERSONAS
from config.kernel.people import give_roles
from evidence.ledger import timeline_of
from tests.admin.desk import desk_of
from tests.admin.test_people import CHANGE, typed
from tests.harness.people import STORIES, fresh, settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

REVIEW = "Lena reads every decision of hers on Fridays."


def ids_of(*roles: str) -> list[int]:
    """Name roles as the page does."""
    return list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))


class TestTheMatrix:
    @pytest.mark.parametrize(
        "roles",
        [
            ("agent", "approver"),
            ("agent", "director"),
            ("reviewer", "manager"),
            ("finance", "approver"),
            ("administrator", "director"),
            ("auditor", "quality"),
            ("auditor", "agent"),
        ],
    )
    def test_keeps_apart(self, roles: tuple[str, str]) -> None:
        assert len(conflicts_among(roles)) == 1
        assert sentences_of(roles)[0].endswith(".")

    @pytest.mark.parametrize(
        "roles", [("reviewer", "finance"), ("approver", "manager", "director"), ("agent", "quality"), ("auditor",), ()]
    )
    def test_lets_together(self, roles: tuple[str, ...]) -> None:
        assert conflicts_among(roles) == []

    def test_names_roles_there_are(self) -> None:
        assert {role for conflict in CONFLICTS for role in (conflict.one, conflict.other)} <= ROLES.keys()

    def test_is_kept_by_the_people_of_the_demo_and_of_the_tests(self) -> None:
        held = [(persona.role, *persona.also) for persona in PERSONAS]
        held += [story.roles for name, story in STORIES.items() if name != "zeus"]

        assert [roles for roles in held if conflicts_among(roles)] == []


class TestGivingRoles:
    def test_is_refused_for_roles_that_exclude_each_other(self, world: World, root: User, amir: User) -> None:
        answer = desk_of(root).post(reverse(CHANGE, args=[amir.pk]), typed(amir, groups=ids_of("agent", "approver")))

        assert answer.status_code == 200
        errors = answer.context["adminform"].form.errors["groups"]
        assert errors == ["agent and approver: Who asks for a refund does not approve refunds."]
        assert fresh(amir).role_names == {"agent"}

    def test_needs_words_in_a_small_team(self, world: World, root: User, amir: User) -> None:
        answer = desk_of(root).post(
            reverse(CHANGE, args=[amir.pk]), typed(amir, groups=ids_of("agent", "approver"), is_small_team="on")
        )

        assert "compensating_review" in answer.context["adminform"].form.errors
        assert fresh(amir).role_names == {"agent"}

    def test_is_recorded_with_who_looks_after_it(self, world: World, root: User, amir: User) -> None:
        filled = typed(amir, groups=ids_of("agent", "approver"), is_small_team="on", compensating_review=REVIEW)

        assert desk_of(root).post(reverse(CHANGE, args=[amir.pk]), filled).status_code == 302

        assert fresh(amir).role_names == {"agent"}
        confirm_grant(grant_id=RoleGrant.objects.get(person=amir).pk, actor=settle("zeus"), at=NOON)
        assert fresh(amir).role_names == {"agent", "approver"}
        entry = timeline_of(subject_of(amir)).get(kind="person.roles_given")
        assert entry.sentence == (
            "gave amir the roles agent, approver; before: agent. Small team. agent and approver: Who asks for a refund "
            f"does not approve refunds. Compensating review: {REVIEW}"
        )

    def test_is_recorded_without_a_conflict_too(self, world: World, root: User, nobody: User) -> None:
        desk_of(root).post(reverse(CHANGE, args=[nobody.pk]), typed(nobody, groups=ids_of("agent")))

        assert timeline_of(subject_of(nobody)).get().sentence == "gave nobody the roles agent; before: none."

    def test_asks_for_nothing_again_when_roles_stay(self, world: World, root: User, amir: User) -> None:
        give_roles(user=amir, roles=["agent", "approver"])

        answer = desk_of(root).post(reverse(CHANGE, args=[amir.pk]), typed(amir, first_name="Amira"))

        assert answer.status_code == 302
        assert fresh(amir).first_name == "Amira"
        assert not timeline_of(subject_of(amir)).exists()

    def test_never_gives_oneself_one(self, world: World, root: User) -> None:
        filled = typed(root, groups=ids_of("approver"), is_small_team="on", compensating_review=REVIEW)

        desk_of(root).post(reverse(CHANGE, args=[root.pk]), filled)

        assert fresh(root).role_names == {"administrator"}
        assert not timeline_of(subject_of(root)).exists()


class TestPresentConflicts:
    def test_are_listed_by_person(self, world: World, amir: User, dana: User) -> None:
        give_roles(user=amir, roles=["agent", "director"])

        (listed,) = [pair for pair in present_conflicts() if pair[0] == amir]
        assert [(conflict.one, conflict.other) for conflict in listed[1]] == [("agent", "director")]
        assert dana not in [person for person, _ in present_conflicts()]
