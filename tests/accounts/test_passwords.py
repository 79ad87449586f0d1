"""Setting a password oneself: from a link by mail, or knowing the old one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.services.roles import subject_of
from config.accounts.links import link_for, mail_link
from config.kernel.lockout import WrongTry
from config.kernel.outbox import OutboxRow
from config.kernel.sessions import Session
from evidence.ledger import timeline_of
from tests.admin.desk import desk_of
from tests.harness.people import fresh, settle

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db

OLD, NEW = "a long enough secret", "plum harbour lantern"
FORGOTTEN = "/account/forgotten/"


@pytest.fixture
def amir() -> User:
    user = settle("amir")
    user.email = "amir@example.com"
    user.set_password(OLD)
    user.save()
    return user


def path_of(user: User) -> str:
    return re.sub(r"^https?://[^/]+", "", link_for(user))


def set_new(path: str, word: str = NEW) -> Any:
    client = Client()
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"new_password1": word, "new_password2": word})


class TestALink:
    """Good once, for three days, for one person."""

    def test_sets_a_password_once(self, amir: User) -> None:
        path = path_of(amir)
        assert set_new(path).status_code == 302
        assert fresh(amir).check_password(NEW)

        assert "This link is used up" in Client().get(path).content.decode()
        assert timeline_of(subject_of(amir)).get().kind == "person.means_changed"

    def test_signs_nobody_in_and_everybody_out(self, amir: User) -> None:
        inside = Client()
        inside.force_login(amir)
        set_new(path_of(amir))

        assert inside.get("/account/sessions/").status_code == 302

    def test_opens_a_locked_door(self, amir: User) -> None:
        for _ in range(6):
            Client().post("/login/", {"login": "amir", "password": "guess"})
        set_new(path_of(amir))
        client = Client()
        client.post("/login/", {"login": "amir", "password": NEW})

        assert "_auth_user_id" in client.session

    def test_is_void_after_three_days(self, amir: User, time_machine: Any) -> None:
        path = path_of(amir)
        time_machine.move_to(timezone.now() + timedelta(days=3, minutes=1))

        assert "This link is used up" in Client().get(path).content.decode()

    def test_refuses_a_weak_password(self, amir: User) -> None:
        assert set_new(path_of(amir), "password").status_code == 200
        assert fresh(amir).check_password(OLD)

    def test_is_made_by_the_worker_and_kept_nowhere(self, amir: User, settings: Settings) -> None:
        settings.MAIL_IS_KEPT = False
        Client().post(FORGOTTEN, {"called": "AMIR@example.com"})
        row = OutboxRow.objects.get(news="account.link_wanted")
        assert row.ids == {"user_id": str(amir.pk), "why": "forgotten"}
        mail_link(**row.ids)

        (sent,) = mail.outbox
        assert sent.to == ["amir@example.com"]
        link = re.search(r"https?://\S+", str(sent.body))
        assert link is not None
        assert set_new(re.sub(r"^https?://[^/]+", "", link.group())).status_code == 302

    @pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}, {"is_service_account": True}])
    def test_goes_to_nobody_who_may_not_come_in(self, amir: User, settings: Settings, change: dict[str, Any]) -> None:
        settings.MAIL_IS_KEPT = False
        type(amir).objects.filter(pk=amir.pk).update(**change)
        answer = Client().post(FORGOTTEN, {"called": "amir"})
        mail_link(user_id=str(amir.pk), why="forgotten")

        assert answer.status_code == 302
        assert not OutboxRow.objects.filter(news="account.link_wanted").exists()
        assert mail.outbox == []

    def test_is_asked_for_ten_times_at_most(self, amir: User) -> None:
        for _ in range(12):
            assert Client().post(FORGOTTEN, {"called": "amir"}).headers["Location"] == "/login/"

        assert OutboxRow.objects.filter(news="account.link_wanted").count() == 10

    def test_tells_nobody_who_has_an_account(self, amir: User) -> None:
        said = [
            Client().post(FORGOTTEN, {"called": name}, follow=True).content.decode().split("<form")[0]
            for name in ("amir", "nobody of that name")
        ]

        assert said[0] == said[1]
        assert "If there is such an account" in said[0]


class TestChangingIt:
    """Knowing the old one."""

    def change(self, client: Client, old: str = OLD) -> Any:
        return client.post("/account/password/", {"old_password": old, "new_password1": NEW, "new_password2": NEW})

    def test_keeps_one_signed_in_here_alone(self, amir: User) -> None:
        here, there = Client(), Client()
        here.force_login(amir)
        there.force_login(amir)

        assert self.change(here).status_code == 302
        assert here.get("/account/sessions/").status_code == 200
        assert there.get("/account/sessions/").status_code == 302

    def test_counts_wrong_old_ones(self, amir: User) -> None:
        client = Client()
        client.force_login(amir)
        for _ in range(5):
            assert self.change(client, "guess").status_code == 422
        answer = self.change(client)

        assert (answer.status_code, WrongTry.objects.count()) == (403, 5)
        assert fresh(amir).check_password(OLD)


class TestAnAdministrator:
    """What somebody else may do about it."""

    def act(self, root: User, verb: str, *people: User) -> Any:
        form = {"action": verb, "_selected_action": [one.pk for one in people]}
        return desk_of(root).post(reverse("admin:kernel_user_changelist"), form, follow=True)

    def test_mails_a_link(self, amir: User) -> None:
        self.act(settle("root"), "invite", amir, settle("bot"))

        assert [row.ids for row in OutboxRow.objects.filter(news="account.link_wanted")] == [
            {"user_id": str(amir.pk), "why": "invited"}
        ]

    def test_signs_somebody_out_on_record(self, amir: User) -> None:
        client = Client()
        client.force_login(amir)
        self.act(settle("root"), "end_sessions", amir)

        assert client.get("/account/sessions/").status_code == 302
        assert timeline_of(subject_of(amir)).get().sentence == "signed amir out everywhere."

    def test_takes_a_lost_second_step_but_not_her_own(self, amir: User) -> None:
        from_lead, root = settle("dana"), settle("root")
        for one in (from_lead, root):
            Authenticator.objects.create(user=one, type="totp", data={})
        self.act(root, "take_factors", from_lead, root)

        assert not Authenticator.objects.filter(user=from_lead).exists()
        assert Authenticator.objects.filter(user=root).exists()
        assert not Session.objects.filter(user=from_lead).exists()
        assert timeline_of(subject_of(from_lead)).get().sentence == "took away the second step of dana."

    def test_changes_no_mailbox_of_whoever_signs(self, amir: User) -> None:
        root, dana = settle("root"), settle("dana")
        page = desk_of(root).get(reverse("admin:kernel_user_change", args=[dana.pk])).text

        assert 'name="email"' not in page
        assert 'name="email"' in desk_of(root).get(reverse("admin:kernel_user_change", args=[amir.pk])).text
