"""Ways round the doors that ask who one is, each of which was open once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.services.granting import confirm_grant
from approvals.services.service_accounts import open_account
from approvals.services.tokens import issue_token, rotate_token
from config.kernel.asking_again import SENTENCE
from config.kernel.people import User
from config.kernel.refusals import Refused
from config.kernel.sign_in import is_fresh
from config.kernel.tokens import ApiToken
from config.kernel.web import moment_in
from tests.accounts.test_sign_in import app_of
from tests.admin.desk import desk_of
from tests.admin.test_people import CHANGE, typed
from tests.approvals.test_role_grants import proposed, ruth
from tests.harness.people import fresh, settle
from tests.harness.sign_in import make_stale
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

__all__ = ["ruth"]

pytestmark = pytest.mark.django_db

OLD, NEW = "a long enough secret", "plum harbour lantern"


def stale_desk_of(person: User) -> Client:
    desk = desk_of(person)
    make_stale(desk)
    return desk


def with_password(username: str) -> User:
    user = settle(username)
    user.set_password(OLD)
    user.save()
    return user


def noted(client: Client) -> datetime | None:
    return moment_in(str(client.session.get("signed_in_at", "")))


class TestATokenOfAPerson:
    """Whoever may replace tokens of machines would act as her with the new secret."""

    def test_is_replaced_by_no_administrator(self, world: World, viktor: User, root: User) -> None:
        token, _ = ApiToken.objects.create(user=viktor)

        with refused(Refused, "invalid"):
            rotate_token(digest=token.pk, overlap=timedelta(hours=1), actor=root, at=timezone.now())

    def test_is_not_replaced_by_its_page_either(self, world: World, viktor: User, root: User) -> None:
        token, _ = ApiToken.objects.create(user=viktor)

        answer = desk_of(root).post(reverse("admin:kernel_apitoken_rotate", args=[token.pk]), {"overlap": "24"})

        assert answer.status_code == 422
        assert ApiToken.objects.filter(user=viktor).count() == 1

    def test_ends_before_she_signs(self, world: World, root: User, ruth: User, nobody: User) -> None:
        ApiToken.objects.create(user=nobody)

        confirm_grant(grant_id=proposed(nobody, root).pk, actor=ruth, at=NOON)

        assert not ApiToken.objects.filter(user=nobody).exists()


class TestAPersonWhoSigns:
    def test_is_turned_into_a_machine_by_nobody(self, world: World, viktor: User, root: User, zeus: User) -> None:
        for actor in (root, zeus):
            desk_of(actor).post(reverse(CHANGE, args=[viktor.pk]), typed(viktor, is_service_account="on"))

        assert not fresh(viktor).is_service_account

    def test_is_not_made_of_a_machine_whose_token_somebody_holds(self, world: World, lena: User, root: User) -> None:
        account = open_account(username="till", purpose="Asks.", owner=lena, teams=[world.team()], actor=root, at=NOON)
        issue_token(user=account.user, name="till", scopes=[], days=30, actor=root, at=timezone.now())

        answer = desk_of(root).post(reverse(CHANGE, args=[account.user_id]), typed(account.user, first_name="Till"))

        assert answer.status_code == 302
        assert fresh(account.user).first_name == "Till"
        assert fresh(account.user).is_service_account


class TestAnOldSession:
    """The mailbox of a person is where links for a new password go, and a role is a door."""

    def test_changes_no_mailbox(self, world: World, amir: User) -> None:
        root = with_password("root")
        desk, address = stale_desk_of(root), reverse(CHANGE, args=[amir.pk])
        words = typed(amir, email="thief@example.com")

        asked = desk.post(address, words)

        assert asked.status_code == 403
        assert str(SENTENCE) in asked.text
        assert fresh(amir).email == ""
        desk.post("/step-up/", {**words, "next": address, "replay": "1", "password": OLD}, follow=True)
        assert fresh(amir).email == "thief@example.com"

    def test_gives_no_role(self, world: World, root: User, nobody: User) -> None:
        words = typed(nobody, teams=[world.team().pk])

        assert stale_desk_of(root).post(reverse(CHANGE, args=[nobody.pk]), words).status_code == 403
        assert not fresh(nobody).groups.exists()

    def test_adds_nobody_and_shows_no_password(self, world: World, root: User) -> None:
        words = {"username": "nora", "usable_password": "true", "password1": NEW, "password2": NEW}

        asked = stale_desk_of(root).post(reverse("admin:kernel_user_add"), words)

        assert asked.status_code == 403
        assert NEW not in asked.text
        assert not User.objects.filter(username="nora").exists()

    def test_is_not_asked_what_it_may_not_do(self, world: World, mei: User, amir: User) -> None:
        answer = stale_desk_of(mei).post(reverse(CHANGE, args=[amir.pk]), typed(amir))

        assert answer.status_code == 403
        assert str(SENTENCE) not in answer.text

    def test_of_somebody_with_a_second_step_is_not_renewed_by_her_password(self, world: World) -> None:
        lena = with_password("lena")
        app_of(lena)
        browser = stale_desk_of(lena)
        words = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}

        assert browser.post(reverse("account:change_password"), words).status_code == 302

        assert fresh(lena).check_password(NEW)
        assert not is_fresh(noted(browser), at=timezone.now())

    def test_of_somebody_with_a_password_alone_is_renewed_by_it(self, world: World) -> None:
        amir = with_password("amir")
        browser = stale_desk_of(amir)
        words = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}

        browser.post(reverse("account:change_password"), words)

        assert is_fresh(noted(browser), at=timezone.now())


class TestTheLedgerInTheAdminSite:
    def test_opens_to_whoever_may_look_at_the_whole_of_it_alone(self, world: World, root: User, mei: User) -> None:
        address = reverse("admin:evidence_ledgerentry_changelist")

        assert desk_of(mei).get(address).status_code == 403
        assert desk_of(root).get(address).status_code == 200
