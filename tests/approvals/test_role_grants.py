"""A role that signs is given by two people, and neither is the one who gets it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from approvals.models import RoleGrant
from approvals.roles import GUARDED_ROLES
from approvals.services.granting import confirm_grant, refuse_grant, withdraw_grant, withhold_roles
from approvals.services.roles import subject_of
from approvals.vocabulary import ChangeState
from config.kernel.people import User, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.tokens import ApiToken
from evidence.ledger import timeline_of
from tests.admin.desk import desk_of
from tests.admin.test_people import CHANGE, typed
from tests.harness.people import fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruth(world: World) -> User:
    """Stand beside Root: another administrator."""
    person = User.objects.create(username="ruth", first_name="Ruth", is_staff=True)
    person.groups.set(Group.objects.filter(name="administrator"))
    return fresh(person)


def proposed(person: User, by: User, role: str = "approver") -> RoleGrant:
    withhold_roles(person=person, wanted={role}, before=set(), review="", actor=by, at=NOON)
    return RoleGrant.objects.get(person=person, role=role, state=ChangeState.PROPOSED)


def ids_of(*roles: str) -> list[int]:
    return list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))


class TestAGuardedRole:
    def test_is_one_that_signs_confirms_or_publishes(self) -> None:
        assert {"reviewer", "approver", "manager", "director", "finance", "administrator"} == GUARDED_ROLES

    def test_ticked_in_the_admin_site_waits_and_the_others_are_given(
        self, world: World, root: User, nobody: User
    ) -> None:
        ticked = typed(nobody, groups=ids_of("quality", "manager"), teams=[world.team().pk])

        answer = desk_of(root).post(reverse(CHANGE, args=[nobody.pk]), ticked, follow=True)

        assert "Waits for a second person under Authority: manager." in answer.content.decode()
        assert fresh(nobody).role_names == {"quality"}
        assert RoleGrant.objects.get().role == "manager"

    def test_asked_for_twice_waits_once(self, root: User, ruth: User, nobody: User) -> None:
        proposed(nobody, root)
        withhold_roles(person=nobody, wanted={"approver"}, before=set(), review="", actor=ruth, at=NOON)

        assert RoleGrant.objects.get().proposed_by == root

    def test_is_given_once_another_confirms(self, root: User, ruth: User, nobody: User) -> None:
        confirm_grant(grant_id=proposed(nobody, root).pk, actor=ruth, at=NOON)

        assert fresh(nobody).role_names == {"approver"}
        kinds = [entry.kind for entry in timeline_of(subject_of(nobody))]
        assert kinds == ["person.role_proposed", "person.role_confirmed", "person.roles_given"]

    def test_is_confirmed_neither_by_whoever_proposed_it_nor_by_whoever_gets_it(
        self, root: User, ruth: User, nobody: User, amir: User
    ) -> None:
        grant, for_ruth = proposed(nobody, root), proposed(ruth, root, "director")

        with refused(NotPermitted, "own_proposal"):
            confirm_grant(grant_id=grant.pk, actor=root, at=NOON)
        with refused(NotPermitted, "own_proposal"):
            confirm_grant(grant_id=for_ruth.pk, actor=ruth, at=NOON)
        with refused(NotPermitted, "not_permitted"):
            confirm_grant(grant_id=grant.pk, actor=amir, at=NOON)

    @pytest.mark.parametrize("answerer", ["root", "nobody"])
    def test_confirmed_by_one_alone_is_refused_by_the_database(self, root: User, nobody: User, answerer: str) -> None:
        grant = proposed(nobody, root)

        with pytest.raises(IntegrityError, match="role_grant_is_confirmed_by_another"), transaction.atomic():
            RoleGrant.objects.filter(pk=grant.pk).update(
                state="confirmed", answered_by={"root": root, "nobody": nobody}[answerer], answered_at=NOON
            )

    def test_proposed_for_oneself_is_refused_by_the_database(self, root: User) -> None:
        with pytest.raises(IntegrityError, match="nobody_asks_for_her_own_role"), transaction.atomic():
            RoleGrant.objects.create(person=root, role="approver", proposed_by=root, proposed_at=NOON)

    def test_once_answered_stays(self, root: User, ruth: User, nobody: User) -> None:
        grant = proposed(nobody, root)
        with refused(Refused, "note_needed"):
            refuse_grant(grant_id=grant.pk, note=" ", actor=ruth, at=NOON)
        refuse_grant(grant_id=grant.pk, note="She left the team.", actor=ruth, at=NOON)

        with refused(OutOfDate, "already_answered"):
            confirm_grant(grant_id=grant.pk, actor=ruth, at=NOON)
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            RoleGrant.objects.filter(pk=grant.pk).update(state="proposed")
        with pytest.raises(DatabaseError), transaction.atomic():
            grant.delete()
        assert fresh(nobody).role_names == frozenset()

    def test_is_taken_back_by_whoever_proposed_it(self, root: User, ruth: User, nobody: User) -> None:
        grant = proposed(nobody, root)

        with refused(Refused, "not_yours"):
            withdraw_grant(grant_id=grant.pk, actor=ruth, at=NOON)
        assert withdraw_grant(grant_id=grant.pk, actor=root, at=NOON).state == ChangeState.WITHDRAWN

    def test_of_a_proposer_who_left_is_not_given(self, root: User, ruth: User, nobody: User) -> None:
        grant = proposed(nobody, root)
        User.objects.filter(pk=root.pk).update(is_active=False)

        with refused(OutOfDate, "out_of_date"):
            confirm_grant(grant_id=grant.pk, actor=ruth, at=NOON)

    def test_that_excludes_one_given_meanwhile_is_not_given(self, root: User, ruth: User, nobody: User) -> None:
        grant = proposed(nobody, root)
        give_roles(user=nobody, roles=["agent"])

        with refused(Refused, "refused"):
            confirm_grant(grant_id=grant.pk, actor=ruth, at=NOON)

    def test_is_taken_away_at_once(self, world: World, root: User, dana: User) -> None:
        desk_of(root).post(reverse(CHANGE, args=[dana.pk]), typed(dana, groups=ids_of("agent")))

        assert fresh(dana).role_names == {"agent"}

    def test_waits_with_a_mailbox_that_is_seen_and_stays(self, root: User, ruth: User, nobody: User) -> None:
        User.objects.filter(pk=nobody.pk).update(email="nobody@redress.example")
        proposed(nobody, root)
        hers, his = Client(), Client()
        hers.force_login(ruth)
        his.force_login(root)
        desk_of(root).post(reverse(CHANGE, args=[nobody.pk]), typed(fresh(nobody), email="root@evil.example"))

        assert fresh(nobody).email == "nobody@redress.example"
        assert "nobody@redress.example" in hers.get("/authority/changes/").content.decode()
        assert "nobody@redress.example" not in his.get("/authority/changes/").content.decode()

    def test_is_answered_on_the_page_without_a_script(self, root: User, ruth: User, nobody: User) -> None:
        grant = proposed(nobody, root)
        hers, his = Client(), Client()
        hers.force_login(ruth)
        his.force_login(root)
        address = reverse("approvals:confirm_role", args=[grant.pk])

        assert address not in his.get("/authority/changes/").content.decode()
        assert address in hers.get("/authority/changes/").content.decode()
        assert "Given: " in hers.post(address, {"note": ""}, follow=True).content.decode()
        assert fresh(nobody).role_names == {"approver"}


class TestAPassword:
    WORDS = {"password1": "a long enough secret", "password2": "a long enough secret", "usable_password": "true"}
    ADDRESS = "admin:auth_user_password_change"

    @pytest.mark.parametrize("name", ["dana", "viktor"])
    def test_of_somebody_who_signs_is_set_by_no_administrator(self, world: World, root: User, name: str) -> None:
        person = settle(name)

        answer = desk_of(root).post(reverse(self.ADDRESS, args=[person.pk]), self.WORDS)

        assert answer.status_code == 403
        assert not fresh(person).check_password("a long enough secret")

    def test_that_was_set_is_on_record_and_ends_a_fresh_sign_in(self, world: World, zeus: User, dana: User) -> None:
        token, _ = ApiToken.objects.create(user=dana)
        ApiToken.objects.filter(pk=token.pk).update(step_up_until=NOON)

        desk_of(zeus).post(reverse(self.ADDRESS, args=[dana.pk]), self.WORDS)

        assert fresh(dana).check_password("a long enough secret")
        entry = timeline_of(subject_of(dana)).get()
        assert (entry.kind, entry.actor) == ("person.password_set", zeus)
        token.refresh_from_db()
        assert token.step_up_until is None

    def test_that_was_refused_is_not_on_record(self, world: World, zeus: User, dana: User) -> None:
        desk_of(zeus).post(reverse(self.ADDRESS, args=[dana.pk]), {**self.WORDS, "password2": "another"})

        assert not timeline_of(subject_of(dana)).exists()
