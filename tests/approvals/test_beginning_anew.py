"""What an administrator alone could have put into somebody's hands, or kept, ends before that somebody signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.services.granting import confirm_grant
from approvals.services.roles import subject_of
from config.accounts.links import mail_link
from config.kernel.outbox import OutboxRow
from config.kernel.people import User, give_roles
from config.kernel.refusals import Refused
from config.kernel.sessions import sessions_of
from config.kernel.tokens import ApiToken
from evidence.ledger import timeline_of
from tests.accounts.test_sign_in import app_of, is_in, try_password
from tests.admin.desk import desk_of
from tests.harness.people import fresh
from tests.harness.stillness import refused
from tests.harness.world import NOON, World

from .test_role_grants import TestAPassword, proposed, ruth

if TYPE_CHECKING:
    from pytest_django import Settings

__all__ = ["ruth"]

pytestmark = pytest.mark.django_db

WORD = TestAPassword.WORDS["password1"]


@pytest.fixture
def known(world: World, root: User, nobody: User) -> User:
    """Somebody with a mailbox, whose password Root has set and so knows."""
    User.objects.filter(pk=nobody.pk).update(email="nobody@redress.example")
    desk_of(root).post(reverse(TestAPassword.ADDRESS, args=[nobody.pk]), TestAPassword.WORDS)
    assert fresh(nobody).check_password(WORD)
    return fresh(nobody)


class TestWhoeverIsToSign:
    def test_does_not_keep_a_password_that_an_administrator_set(self, known: User, root: User, ruth: User) -> None:
        inside = Client()
        try_password(inside, "nobody", WORD)
        assert is_in(inside)

        confirm_grant(grant_id=proposed(known, root).pk, actor=ruth, at=NOON)

        assert not fresh(known).has_usable_password()
        assert not sessions_of(known, at=timezone.now()).exists()
        again = Client()
        try_password(again, "nobody", WORD)
        assert not is_in(again)
        assert OutboxRow.objects.get(news="account.link_wanted").ids == {"user_id": str(known.pk), "why": "signs"}
        entry = timeline_of(subject_of(known)).get(kind="person.means_changed")
        assert entry.actor == ruth
        assert entry.sentence == (
            "ended what nobody signed in with before the role approver; a link to set a new password is on its way."
        )

    def test_does_not_keep_what_could_be_added_with_it(self, known: User, root: User, ruth: User) -> None:
        app_of(known)
        SocialAccount.objects.create(user=known, provider="company", uid="root")
        ApiToken.objects.create(user=known)

        confirm_grant(grant_id=proposed(known, root).pk, actor=ruth, at=NOON)

        assert not Authenticator.objects.exists()
        assert not SocialAccount.objects.exists()
        assert not ApiToken.objects.exists()

    def test_hears_by_mail_where_a_new_one_is_set(
        self, known: User, root: User, ruth: User, settings: Settings
    ) -> None:
        settings.MAIL_IS_KEPT = False
        confirm_grant(grant_id=proposed(known, root).pk, actor=ruth, at=NOON)

        mail_link(**OutboxRow.objects.get(news="account.link_wanted").ids)

        (letter,) = mail.outbox
        assert letter.to == ["nobody@redress.example"]
        assert "Set a new password here" in letter.body
        assert "/account/password/" in letter.body

    def test_is_given_nothing_while_no_link_would_arrive(self, known: User, root: User, ruth: User) -> None:
        User.objects.filter(pk=known.pk).update(email="")
        grant = proposed(fresh(known), root)

        with refused(Refused, "refused"):
            confirm_grant(grant_id=grant.pk, actor=ruth, at=NOON)

        assert fresh(known).check_password(WORD)
        assert fresh(known).role_names == frozenset()

    def test_keeps_what_she_has_once_she_signs(self, known: User, root: User, ruth: User) -> None:
        give_roles(user=known, roles=["approver"])

        confirm_grant(grant_id=proposed(fresh(known), root, "manager").pk, actor=ruth, at=NOON)

        assert fresh(known).check_password(WORD)
        assert not OutboxRow.objects.filter(news="account.link_wanted").exists()

    def test_without_means_of_her_own_gets_no_link(self, root: User, ruth: User, nobody: User) -> None:
        SocialAccount.objects.create(user=nobody, provider="company", uid="root")

        confirm_grant(grant_id=proposed(nobody, root).pk, actor=ruth, at=NOON)

        assert not SocialAccount.objects.exists()
        assert not OutboxRow.objects.filter(news="account.link_wanted").exists()

    def test_is_told_of_to_whoever_confirms(self, known: User, root: User, ruth: User) -> None:
        proposed(known, root)
        hers = Client()
        hers.force_login(ruth)

        assert "passwords and passkeys they had so far end" in hers.get("/authority/changes/").content.decode()
