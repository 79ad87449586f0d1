"""A machine that calls the API: what its token opens, how fast and for how much it may ask, and how it is stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from approvals.models import FreezeSwitch
from approvals.services import service_accounts
from approvals.services.tokens import issue_token, revoke_token, rotate_token
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.scopes import areas, every_scope
from config.kernel.service_accounts import AskingLimit, ServiceAccount
from config.kernel.tokens import ApiToken
from evidence.models import LedgerEntry
from refunds.models import RefundRequest

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

WHY = "It asks for things nobody ordered."


@pytest.fixture
def account(world: World, bot: User, root: User, lena: User) -> ServiceAccount:
    """What is agreed about the bot: its name existed before."""
    opened = service_accounts.open_account(
        username=bot.username,
        purpose="Files what the helpdesk promised.",
        owner=lena,
        teams=world.teams.values(),
        actor=root,
        at=timezone.now(),
    )
    assert opened.user == bot
    return opened


@pytest.fixture
def machine(account: ServiceAccount, calling: Callable[[str], Caller]) -> Caller:
    """The bot, with an order to ask about."""
    caller = calling("bot")
    assert caller.post("orders", order_body()).status_code in {200, 201}
    return caller


def issued(account: ServiceAccount, root: User, *scopes: str, days: int = 30) -> tuple[ApiToken, str]:
    """Issue a token."""
    return issue_token(user=account.user, name="helpdesk", scopes=scopes, days=days, actor=root, at=timezone.now())


def ask(secret: str, address: str, body: Any = None) -> Any:
    """Call with a token: POST where there is a body."""
    headers = {"Authorization": f"Bearer {secret}"}
    if body is None:
        return Client().get(f"/api/v1/{address}", headers=headers)
    return Client().post(f"/api/v1/{address}", body, content_type="application/json", headers=headers)


def limit(account: ServiceAccount, single: int, daily: int, currency: str = "GBP") -> None:
    """Agree how much it may ask for."""
    AskingLimit.objects.create(account=account, currency=currency, single_minor=single, daily_minor=daily)


def sentences(kind: str) -> list[str]:
    """Read what the ledger says of a kind."""
    return list(LedgerEntry.objects.filter(kind=kind).order_by("pk").values_list("sentence", flat=True))


class TestAScope:
    def test_is_an_area_and_reading_or_writing(self) -> None:
        assert {"orders:write", "refund-requests:read", "decisions:write", "policies:read"} <= set(every_scope())
        assert {"docs", "schema"}.isdisjoint(areas())

    def test_opens_its_area_and_no_other(self, account: ServiceAccount, root: User) -> None:
        _, secret = issued(account, root, "refund-requests:read")

        assert ask(secret, "refund-requests").status_code == 200
        refused = ask(secret, "orders/shop-uk/W-1")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        assert "orders:read" in refused.json()["detail"]

    def test_to_read_does_not_write(self, account: ServiceAccount, root: User) -> None:
        _, secret = issued(account, root, "orders:read")

        assert ask(secret, "orders", order_body()).status_code == 403

    def test_to_write_reads_too(self, account: ServiceAccount, root: User) -> None:
        _, secret = issued(account, root, "orders:write")

        assert ask(secret, "orders", order_body()).status_code in {200, 201}
        assert ask(secret, "orders/shop-uk/W-1").status_code == 200

    def test_gives_no_right_its_bearer_has_not(self, account: ServiceAccount, root: User) -> None:
        _, secret = issued(account, root, "periods:write", "statements:write")

        assert ask(secret, "periods").status_code == 403

    def test_is_named_by_the_schema(self) -> None:
        document = Client().get("/api/schema/?format=json").json()

        assert document["paths"]["/api/v1/orders"]["post"]["x-scope"] == "orders:write"
        assert {
            operation["x-scope"]
            for path in document["paths"].values()
            for operation in path.values()
            if isinstance(operation, dict)
        } <= set(every_scope())


class TestAToken:
    def test_is_good_for_what_was_said_and_kept_as_a_hash(self, account: ServiceAccount, root: User) -> None:
        token, secret = issued(account, root, "refund-requests:read", days=7)

        assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())
        assert timedelta(days=6) < token.expiry - timezone.now() <= timedelta(days=7)
        assert token.issued_by == root
        assert sentences("api_token.issued") == [f"issued the token {token.token_key} to {account} for helpdesk."]

    def test_is_replaced_while_both_hold(self, account: ServiceAccount, root: User) -> None:
        old, first = issued(account, root, "refund-requests:read", days=20)
        new, second = rotate_token(digest=old.pk, overlap=timedelta(hours=1), actor=root, at=timezone.now())

        assert (new.scopes, new.name) == (old.scopes, old.name)
        assert new.expiry - timezone.now() > timedelta(days=19)
        assert [ask(secret, "refund-requests").status_code for secret in (first, second)] == [200, 200]
        old.refresh_from_db()
        assert old.expiry - timezone.now() <= timedelta(hours=1)

    def test_ends_with_the_overlap(self, account: ServiceAccount, root: User) -> None:
        old, first = issued(account, root)
        _, second = rotate_token(digest=old.pk, overlap=timedelta(), actor=root, at=timezone.now())

        assert [ask(secret, "refund-requests").status_code for secret in (first, second)] == [401, 200]
        with pytest.raises(OutOfDate):
            rotate_token(digest=old.pk, overlap=timedelta(), actor=root, at=timezone.now())

    def test_is_revoked_at_once_and_on_record(self, account: ServiceAccount, root: User) -> None:
        token, secret = issued(account, root)
        revoke_token(digest=token.pk, actor=root, at=timezone.now())

        assert ask(secret, "refund-requests").status_code == 401
        assert sentences("api_token.revoked") == [f"revoked the token {token.token_key} of {account}."]

    def test_is_not_issued_to_people_nor_for_what_there_is_not(
        self, account: ServiceAccount, root: User, dana: User, lena: User
    ) -> None:
        words: dict[str, Any] = {"name": "x", "scopes": [], "days": 3, "at": timezone.now()}
        with pytest.raises(Refused) as no:
            issue_token(user=dana, **{**words, "scopes": ["money:all"], "name": " ", "days": 0}, actor=root)
        assert [reason.field for reason in no.value.reasons] == ["scopes", "user", "name", "days"]
        with pytest.raises(NotPermitted):
            issue_token(user=account.user, **words, actor=lena)


class TestAServiceAccount:
    def test_waits_when_it_calls_faster_than_agreed(self, machine: Caller, account: ServiceAccount, root: User) -> None:
        ServiceAccount.objects.filter(pk=account.pk).update(calls_per_minute=3)
        _, other = issued(account, root)

        answers = [machine.get("refund-requests").status_code for _ in range(2)]
        answers += [ask(other, "refund-requests").status_code]
        refused = machine.get("refund-requests")

        assert answers == [200, 200, 200]
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        assert 0 < int(refused.headers["Retry-After"]) <= 60

    def test_asks_within_its_limit_for_one(self, machine: Caller, account: ServiceAccount) -> None:
        limit(account, single=50_00, daily=500_00)

        refused = machine.post("refund-requests", request_body(quantity=3))
        assert (refused.status_code, refused.json()["code"]) == (403, "over_authority")
        assert "£50.00" in refused.json()["detail"]
        assert not RefundRequest.objects.exists()
        assert machine.post("refund-requests", request_body(quantity=2)).status_code == 201

    def test_asks_within_its_limit_for_a_day_over_requests_and_decisions(
        self, machine: Caller, account: ServiceAccount
    ) -> None:
        limit(account, single=60_00, daily=100_00)
        wish = {
            "category": "payout", "amount_minor": 60_00, "currency": "GBP", "reason": "scheduled", "team": "uk-retail",
            "subject": {"gateway": "stripe", "external_id": "acct_1"},
            "context": {"customer": "", "dispute_due_at": None},
        }  # fmt: skip

        assert machine.post("decisions", wish).status_code == 201
        refused = machine.post("refund-requests", request_body(quantity=2))

        assert (refused.status_code, refused.json()["code"]) == (403, "over_authority")
        assert machine.post("refund-requests", request_body(quantity=1)).status_code == 201

    def test_asks_in_no_currency_it_has_no_limit_for(self, machine: Caller, account: ServiceAccount) -> None:
        limit(account, single=60_00, daily=100_00, currency="USD")

        assert machine.post("refund-requests", request_body(quantity=1)).status_code == 403

    def test_asks_no_oftener_than_agreed(self, machine: Caller, account: ServiceAccount) -> None:
        ServiceAccount.objects.filter(pk=account.pk).update(asks_per_hour=1)
        machine.post("orders", order_body("W-2"))

        answers = [machine.post("refund-requests", request_body(number, quantity=1)) for number in ("W-1", "W-2")]

        assert [answer.status_code for answer in answers] == [201, 403]

    def test_in_quarantine_is_refused_and_what_it_asked_for_stands_still(
        self, machine: Caller, account: ServiceAccount, root: User
    ) -> None:
        reference = machine.post("refund-requests", request_body(quantity=3)).json()["reference"]
        service_accounts.quarantine(account_id=account.pk, why=WHY, actor=root, at=timezone.now())

        refused = machine.get("refund-requests")
        assert (refused.status_code, refused.json()["code"]) == (403, "quarantined")
        assert FreezeSwitch.objects.get(lifted_at__isnull=True).agent == account.user
        with pytest.raises(OutOfDate):
            service_accounts.quarantine(account_id=account.pk, why=WHY, actor=root, at=timezone.now())

        service_accounts.release(account_id=account.pk, why="It was our own mistake.", actor=root, at=timezone.now())
        assert machine.get(f"refund-requests/{reference}").status_code == 200
        assert not FreezeSwitch.objects.filter(lifted_at__isnull=True).exists()
        assert sentences("service_account.quarantined") == [f"quarantined {account}."]
        assert sentences("service_account.released") == [f"released {account} from quarantine."]

    def test_is_stopped_by_whoever_may(self, account: ServiceAccount, lena: User) -> None:
        with pytest.raises(NotPermitted):
            service_accounts.quarantine(account_id=account.pk, why=WHY, actor=lena, at=timezone.now())

    def test_is_not_a_person_and_answers_not_for_itself(self, account: ServiceAccount, root: User, dana: User) -> None:
        words: dict[str, Any] = {"purpose": "Any", "teams": [], "actor": root, "at": timezone.now()}
        for username, owner in (("dana", root), ("bot", root), ("new", account.user)):
            with pytest.raises(Refused):
                service_accounts.open_account(username=username, owner=owner, **words)
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceAccount.objects.filter(pk=account.pk).update(owner=account.user)
