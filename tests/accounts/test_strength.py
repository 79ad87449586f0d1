"""Passwords that are hard to guess, and sessions that do not pile up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.core import context
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from config.accounts.adapter import AccountAdapter
from config.accounts.password_words import ContextWords, words_of
from config.kernel.sessions import Session, sessions_of
from config.kernel.sign_in_log import SignInEvent
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User

PASSWORD = "a long enough secret"


class TestAPassword:
    @pytest.mark.parametrize("password", ["Redress-2026", "refundRefund1", "acmePassword1", "Welcome2acme!"])
    def test_is_not_made_of_words_everybody_knows(self, password: str) -> None:
        with pytest.raises(ValidationError):
            ContextWords(words_of(["refunds.acme.example"], [])).validate(password)

    @pytest.mark.parametrize("password", ["refund of a purple giraffe", "492817350926", "no such word in it"])
    def test_may_be_anything_else(self, password: str) -> None:
        ContextWords(words_of(["refunds.acme.example"], ["Giraffe"])).validate(password)
        validate_password(password)

    def test_is_held_to_the_words_wherever_it_is_set(self) -> None:
        with pytest.raises(ValidationError, match="everybody here knows"):
            validate_password("redress-2026")


def come_in(user: User) -> Client:
    client = Client()
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


@pytest.mark.django_db
class TestSessionsAtOnce:
    @pytest.fixture
    def sam(self) -> User:
        user = settle("sam")
        user.set_password(PASSWORD)
        user.save()
        return user

    def test_are_few_and_the_oldest_ends(self, sam: User, settings: Settings) -> None:
        settings.SESSIONS_AT_ONCE = 2
        first, second, third = come_in(sam), come_in(sam), come_in(sam)

        assert [is_in(one) for one in (first, second, third)] == [False, True, True]
        assert SignInEvent.objects.get(happening="ended").means == "too many at once"

    def test_of_others_are_left_alone(self, sam: User, settings: Settings) -> None:
        settings.SESSIONS_AT_ONCE = 1
        other = Client()
        other.force_login(settle("amir"))
        come_in(sam)

        assert is_in(other)

    def test_end_elsewhere_with_a_new_second_step(self, sam: User) -> None:
        here, there = come_in(sam), come_in(sam)
        request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.7")
        request.session = here.session
        with context.request_context(request):
            AccountAdapter().send_notification_mail("mfa/email/totp_activated", sam)

        assert [is_in(one) for one in (here, there)] == [True, False]
        assert sessions_of(sam, at=timezone.now()).count() == Session.objects.count() == 1
