"""Service accounts and their tokens in the admin site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from config.kernel.people import User, team_ids_of
from config.kernel.service_accounts import ServiceAccount
from config.kernel.tokens import ApiToken
from evidence.models import LedgerEntry

from .desk import desk_of

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

NO_LIMIT = {"limits-TOTAL_FORMS": "0", "limits-INITIAL_FORMS": "0"}


def page(word: str, account: ServiceAccount) -> str:
    """Name a page about an account."""
    return reverse(f"admin:kernel_serviceaccount_{word}", args=[account.pk])


@pytest.fixture
def account(world: World, root: User, lena: User) -> ServiceAccount:
    """Open one by its form."""
    filled: dict[str, Any] = {
        "username": "till",
        "purpose": "Asks for what the tills promised.",
        "owner": lena.pk,
        "teams": [world.teams["uk-retail"].pk],
        "limits-TOTAL_FORMS": "1",
        "limits-INITIAL_FORMS": "0",
        "limits-0-currency": "gbp",
        "limits-0-single": "50",
        "limits-0-daily": "1,000.00",
    }
    desk_of(root).post(reverse("admin:kernel_serviceaccount_add"), filled)
    return ServiceAccount.objects.get(user__username="till")


class TestTheForm:
    def test_opens_an_account_that_files_and_signs_nothing(self, account: ServiceAccount, world: World) -> None:
        machine = account.user
        assert (machine.is_service_account, machine.has_usable_password()) == (True, False)
        assert machine.role_names == {"service"}
        assert team_ids_of(machine) == {world.teams["uk-retail"].pk}
        limit = account.limits.get()
        assert (limit.currency, limit.single_minor, limit.daily_minor) == ("GBP", 50_00, 1_000_00)
        kinds = LedgerEntry.objects.filter(subject_id=account.pk).order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["service_account.opened", "service_account.changed"]

    def test_puts_a_change_on_record_and_nothing_where_nothing_changed(
        self, account: ServiceAccount, root: User, lena: User, world: World
    ) -> None:
        kept = account.limits.get()
        filled: dict[str, Any] = {
            "purpose": account.purpose,
            "owner": lena.pk,
            "teams": [world.teams["uk-retail"].pk],
            "calls_per_minute": "",
            "asks_per_hour": "",
            "limits-TOTAL_FORMS": "1",
            "limits-INITIAL_FORMS": "1",
            "limits-0-id": kept.pk,
            "limits-0-account": account.pk,
            "limits-0-currency": "GBP",
            "limits-0-single": "50.00",
            "limits-0-daily": "1000.00",
        }
        entries = LedgerEntry.objects.filter(subject_id=account.pk, kind="service_account.changed")
        desk_of(root).post(page("change", account), filled)
        assert entries.count() == 1

        desk_of(root).post(page("change", account), {**filled, "asks_per_hour": "20", "limits-0-single": "75"})

        account.refresh_from_db()
        assert account.asks_per_hour == 20
        changed = json.loads(entries.latest("pk").payload)["data"]
        assert set(changed) == {"asks_per_hour", "limits"}
        assert changed["limits"]["after"][0]["single_minor"] == 75_00

    @pytest.mark.parametrize(
        ("box", "typed"),
        [("username", "dana"), ("username", "till"), ("username", ""), ("purpose", "")],
    )
    def test_refuses_beside_the_box(
        self, account: ServiceAccount, root: User, lena: User, dana: User, box: str, typed: str
    ) -> None:
        filled = {"username": "other", "purpose": "Any", "owner": lena.pk, **NO_LIMIT, box: typed}

        answer = desk_of(root).post(reverse("admin:kernel_serviceaccount_add"), filled)

        assert box in answer.context["adminform"].form.errors
        assert ServiceAccount.objects.count() == 1

    @pytest.mark.parametrize(("single", "daily"), [("50", "40"), ("0", "0"), ("1.234", "9"), ("", "9")])
    def test_refuses_limits_out_of_order(self, world: World, root: User, lena: User, single: str, daily: str) -> None:
        filled = {
            "username": "other", "purpose": "Any", "owner": lena.pk,
            "limits-TOTAL_FORMS": "1", "limits-INITIAL_FORMS": "0",
            "limits-0-currency": "GBP", "limits-0-single": single, "limits-0-daily": daily,
        }  # fmt: skip

        assert desk_of(root).post(reverse("admin:kernel_serviceaccount_add"), filled).status_code == 200
        assert not User.objects.filter(username="other").exists()


class TestASecret:
    def test_is_shown_once(self, account: ServiceAccount, root: User) -> None:
        desk = desk_of(root)
        shown = desk.post(page("issue", account), {"name": "till 4", "scopes": ["orders:read"], "days": "30"})
        token = ApiToken.objects.get(user=account.user)

        secret = shown.context["secret"]
        assert secret in shown.content.decode()
        assert "no-store" in shown.headers["Cache-Control"]
        for address in (page("change", account), reverse("admin:kernel_apitoken_change", args=[token.pk])):
            later = desk.get(address).content.decode()
            assert token.token_key in later
            assert secret not in later

    def test_is_replaced_with_an_overlap(self, account: ServiceAccount, root: User) -> None:
        desk = desk_of(root)
        desk.post(page("issue", account), {"name": "till 4", "days": "30"})
        token = ApiToken.objects.get(user=account.user)
        address = reverse("admin:kernel_apitoken_rotate", args=[token.pk])

        assert desk.get(address).status_code == 200
        shown = desk.post(address, {"overlap": "24"})

        assert shown.context["secret"] in shown.content.decode()
        assert ApiToken.objects.filter(user=account.user).count() == 2


class TestTheButton:
    def test_stops_an_account_and_lets_it_go_on(self, account: ServiceAccount, root: User) -> None:
        desk = desk_of(root)
        assert desk.get(page("quarantine", account)).status_code == 200
        assert desk.post(page("quarantine", account), {"why": "short"}).context["form"].errors
        desk.post(page("quarantine", account), {"why": "It asks for what nobody ordered."})
        account.refresh_from_db()
        assert account.quarantined_by == root
        assert "It asks for what nobody ordered." in desk.get(page("change", account)).content.decode()

        assert desk.post(page("quarantine", account), {"why": "Once more, to be sure."}).status_code == 409
        desk.post(page("release", account), {"why": "The till was mended."})
        account.refresh_from_db()
        assert account.quarantined_at is None

    def test_is_for_administrators(self, account: ServiceAccount, mei: User) -> None:
        for word in ("quarantine", "release", "issue"):
            assert desk_of(mei).post(page(word, account), {"why": "Because I would like to."}).status_code == 403
        assert not ServiceAccount.objects.filter(quarantined_at__isnull=False).exists()
