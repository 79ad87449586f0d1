"""What is large, one act each: who does what where, and how one sees that it was done. People, keys and sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.models import FreezeSwitch, LimitChange, RoleGrant, StepUpLimit
from approvals.services.freezes import Target, set_freeze
from approvals.services.granting import withhold_roles
from approvals.vocabulary import ChangeState
from config.kernel.service_accounts import ServiceAccount
from config.kernel.sessions import Session
from config.kernel.tokens import ApiToken
from refunds.models import Operation, ShopConnection, WebhookSecret
from refunds.payouts.files import prepare_file
from refunds.vocabulary import OperationState
from tests.admin.desk import desk_of
from tests.admin.test_limits import ADD, typed
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.outgoing.stage import endpoint_at
from tests.refunds.payouts.test_payment_files import agreed
from tests.refunds.webhooks.shop import connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

PASSWORD = "plum harbour lantern"
WHY = "Somebody wrote from her mailbox."


@dataclass(frozen=True)
class Act:
    """Who does what where, and how one sees that it was done."""

    who: str
    address: str
    is_done: Callable[[], bool]
    words: dict[str, Any] = field(default_factory=dict)


def confirms_a_limit(world: World) -> Act:
    desk_of(settle("root")).post(reverse(ADD), typed(settle("amir")))
    change = LimitChange.objects.get()
    return Act(
        "lena",
        reverse("approvals:confirm_change", args=[change.pk]),
        lambda: LimitChange.objects.get().state == ChangeState.CONFIRMED,
        {"note": "Agreed by telephone."},
    )


def confirms_a_role(world: World) -> Act:
    withhold_roles(person=settle("nobody"), wanted={"approver"}, before=set(), review="", actor=settle("root"), at=NOON)
    grant = RoleGrant.objects.get()
    return Act(
        "lena",
        reverse("approvals:confirm_role", args=[grant.pk]),
        lambda: RoleGrant.objects.get().state == ChangeState.CONFIRMED,
        {"note": "Agreed by telephone."},
    )


def releases_a_payment_file(world: World) -> Act:
    agreed(world)
    Operation.objects.filter(state=OperationState.READY).update(next_try_at=NOON)
    file = prepare_file(currency="GBP", actor=settle("lena"), at=timezone.now())

    def is_done() -> bool:
        file.refresh_from_db()
        return file.released_by is not None

    return Act("luis", reverse("refunds:release_payment_file", args=[file.pk]), is_done)


def lifts_the_freeze_of_everything(world: World) -> Act:
    switch = set_freeze(target=Target(scope="everything"), why=WHY, actor=settle("lena"), at=NOON)
    return Act(
        "root",
        reverse("approvals:lift_freeze", args=[switch.pk]),
        lambda: FreezeSwitch.objects.get().lifted_at is not None,
        {"why": "We looked, and it is over."},
    )


def renews_the_address_of_a_shop(world: World) -> Act:
    shop, _ = connected(world)
    before = ShopConnection.objects.values().get()
    return Act(
        "root",
        reverse("admin:refunds_shopconnection_renew_address", args=[shop.pk]),
        lambda: ShopConnection.objects.values().get() != before,
    )


def changes_the_secret_of_an_endpoint(world: World) -> Act:
    endpoint, _ = endpoint_at()
    return Act(
        "root",
        reverse("admin:refunds_webhookendpoint_rotate", args=[endpoint.pk]),
        lambda: WebhookSecret.objects.count() > 1,
        {"overlap_hours": "24"},
    )


def issues_a_token(world: World) -> Act:
    account = ServiceAccount.objects.create(user=settle("bot"), purpose="Asks.", owner=settle("lena"))
    return Act(
        "root",
        reverse("admin:kernel_serviceaccount_issue", args=[account.pk]),
        ApiToken.objects.exists,
        {"name": "till", "scopes": "orders:read", "days": "30"},
    )


def raises_the_step_up_limit(world: World) -> Act:
    return Act(
        "root",
        reverse("admin:approvals_stepuplimit_add"),
        lambda: StepUpLimit.objects.filter(currency="JPY").exists(),
        {"currency": "JPY", "above": "100000"},
    )


def takes_a_second_step_away(world: World) -> Act:
    dana = settle("dana")
    Authenticator.objects.create(user=dana, type="totp", data={})
    return Act(
        "root",
        reverse("admin:kernel_user_changelist"),
        lambda: not Authenticator.objects.filter(user=dana).exists(),
        {"action": "take_factors", "_selected_action": str(dana.pk)},
    )


def signs_somebody_out(world: World) -> Act:
    amir = settle("amir")
    Client().force_login(amir)
    return Act(
        "root",
        reverse("admin:kernel_user_changelist"),
        lambda: not Session.objects.filter(user=amir).exists(),
        {"action": "end_sessions", "_selected_action": str(amir.pk)},
    )


def signs_everybody_out(world: World) -> Act:
    amir = settle("amir")
    Client().force_login(amir)
    return Act("root", reverse("everybody_out"), lambda: not Session.objects.filter(user=amir).exists(), {"why": WHY})


def signs_herself_out_elsewhere(world: World) -> Act:
    client = Client()
    client.force_login(with_password("amir"))
    elsewhere = client.session.session_key
    return Act(
        "amir",
        reverse("account:end_other_sessions"),
        lambda: not Session.objects.filter(pk=elsewhere).exists(),
    )


def signs_herself_out_there(world: World) -> Act:
    client = Client()
    client.force_login(with_password("amir"))
    there = Session.objects.get(pk=client.session.session_key)
    return Act(
        "amir",
        reverse("account:end_session", args=[there.public_id]),
        lambda: not Session.objects.filter(pk=there.pk).exists(),
    )


OF_PEOPLE = [
    confirms_a_limit,
    confirms_a_role,
    releases_a_payment_file,
    lifts_the_freeze_of_everything,
    renews_the_address_of_a_shop,
    changes_the_secret_of_an_endpoint,
    issues_a_token,
    raises_the_step_up_limit,
    takes_a_second_step_away,
    signs_somebody_out,
    signs_everybody_out,
    signs_herself_out_elsewhere,
    signs_herself_out_there,
]


def with_password(username: str) -> Any:
    user = settle(username)
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save()
    return user
