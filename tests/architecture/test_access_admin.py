"""Every address of the admin site for everybody, against the rules of `admin_table.py`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from approvals.roles import ROLES
from config.kernel import admin_site
from config.kernel.sign_in import note_sign_in
from config.kernel.tokens import ApiToken
from tests.harness.people import settle

from .admin_samples import Rows, boss_of, employed
from .admin_table import HER_OWN, MODELS, STAFF, SUPERUSER, addresses, lines, may
from .asking import forgotten
from .samples import Sample, far_away
from .walking import ROUTES

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

    from .admin_table import Address

LED_AWAY, FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 302, 403, 404, 405
NOTHING_LEARNT = {FORBIDDEN, NOT_FOUND, NOT_ALLOWED, 409, 422}
"""What a verb answers about a row of others, as it would about one that never was."""

DJANGOS_OWN = ("_change", "_delete", "_history")
"""Pages that lead away from a row which is not there."""

SAYS_WHAT_IT_KNOWS = {("OPTIONS", "logout"), ("OPTIONS", "autocomplete")}
"""Classes of Django's that name their methods; the gate before all views refuses OPTIONS anyway."""

OUTSIDE = {"login", "logout"}
"""Addresses that ask nobody for being staff."""


@pytest.fixture(autouse=True)
def undrawn(plain_refusals: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no page: other tests read them, here counts whether one is answered."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    monkeypatch.setattr(admin_site, "render_page", lambda *_, status, **__: HttpResponse(status=status))


def rows_of_ours(world: World) -> Rows:
    sample = Sample(world, world.team(), settle("amir"))
    return Rows(world, sample, boss_of(sample))


def url_of(address: Address, rows: Rows) -> str:
    """Write an address out."""
    name = f"admin:{address.name}"
    if address.name.startswith("admin/"):
        return "/" + ROUTES[name].replace("<path:object_id>", "0").replace("(?P<url>.*)$", "nothing")
    return reverse(name, kwargs=rows.words_for(address.name, ROUTES[name]))


def ask(user: User, method: str, url: str) -> int:
    """Ask a view as somebody, past the middleware, which asks the database who she is each time."""
    request = RequestFactory().generic(method, url)
    request.user = user
    request.session = SessionStore()
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # as the middleware does
    note_sign_in(request, at=timezone.now())
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # as the middleware does
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # as the test client does
    found = resolve(url)
    try:
        with forgotten() if method == "POST" else nullcontext():
            answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    except PermissionDenied:
        return FORBIDDEN
    except Http404:
        return NOT_FOUND
    return answer.status_code


def told(who: str, method: str, address: Address) -> set[int]:
    """Read off the rules what somebody hears as staff about something of her team."""
    reads = method != "POST"
    right, status = (address.get, address.get_status) if reads else (address.post, address.post_status)
    if (address.name, who) in HER_OWN:
        return {LED_AWAY, FORBIDDEN}
    if may(who, right):
        return {status}
    if address.name.endswith("_history"):
        # Django asks for the row before the right, and leads away from what she may not know of.
        return {LED_AWAY, FORBIDDEN}
    return {FORBIDDEN, NOT_FOUND}


class TestTheTable:
    def test_has_a_line_for_every_address(self) -> None:
        assert addresses() - lines().keys() == set(), "Enter these addresses in tests/architecture/admin_table.py."
        assert lines().keys() - addresses() == set(), "These addresses are gone."

    def test_has_a_line_for_every_model(self) -> None:
        assert {model._meta.label_lower for model in admin.site._registry} == MODELS.keys()

    def test_names_rights_that_somebody_has(self) -> None:
        known = frozenset().union(*ROLES.values())
        named = {right for line in lines().values() for one in (line.get, line.post) for right in one.split("|")}

        assert {right for right in named - known if "." in right} == SUPERUSERS_ALONE


SUPERUSERS_ALONE = {
    "evidence.view_attachmentview",
    "approvals.view_approvalstep",
}
"""Rights that no role holds."""


@pytest.mark.slow
@pytest.mark.django_db
class TestStaff:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_hears_what_her_roles_say(self, world: World, method: str) -> None:
        rows = rows_of_ours(world)
        people = {who: employed(who, rows.sample.team) for who in STAFF}

        wrong = [
            f"{method} {address.name} as {who}: {heard} instead of {told(who, method, address)}"
            for address in lines().values()
            for url in [url_of(address, rows)]
            for who, person in people.items()
            for heard in [ask(person, method, url)]
            if heard not in told(who, method, address)
        ]

        assert wrong == []

    def test_learns_and_moves_nothing_of_a_team_she_does_not_work_for(self, world: World) -> None:
        theirs = Sample(world, *far_away())
        rows = Rows(world, theirs, boss_of(theirs))
        people = {who: employed(who, world.team()) for who in ROLES}

        wrong = [
            f"{method} {address.name} as {who}: {heard}"
            for address in lines().values()
            if address.is_of_team
            for url in [url_of(address, rows)]
            for method in ("GET", "POST")
            for who, person in people.items()
            for heard in [ask(person, method, url)]
            if heard not in NOTHING_LEARNT
            if not (heard == LED_AWAY and address.name.endswith(DJANGOS_OWN))
        ]

        assert wrong == []

    def test_hears_head_and_options_as_get_or_not_at_all(self, world: World) -> None:
        rows = rows_of_ours(world)
        people = {who: employed(who, rows.sample.team) for who in ("administrator", "agent")}

        wrong = [
            f"{method} {address.name} as {who}: {heard}"
            for address in lines().values()
            for url in [url_of(address, rows)]
            for who, person in people.items()
            for method in ("HEAD", "OPTIONS")
            for heard in [ask(person, method, url)]
            if heard not in told(who, "GET", address) | {NOT_ALLOWED}
            if (method, address.name) not in SAYS_WHAT_IT_KNOWS
        ]

        assert wrong == []


@pytest.mark.slow
@pytest.mark.django_db
class TestWhoeverIsNoStaff:
    def test_hears_the_same_no_everywhere(self, world: World) -> None:
        """Somebody of every role, a machine and somebody disabled, though both were made staff."""
        rows = rows_of_ours(world)
        people = {who: employed(who, rows.sample.team, is_staff=False) for who in STAFF}
        people["machine"], people["disabled"] = employed("service", rows.sample.team), employed(SUPERUSER, world.team())
        people["machine"].is_service_account, people["disabled"].is_active = True, False

        wrong = [
            f"{address.name} as {who}: {heard}"
            for address in lines().values()
            if address.name not in OUTSIDE
            for url in [url_of(address, rows)]
            for who, person in people.items()
            for heard in [ask(person, "GET", url)]
            if heard != FORBIDDEN
        ]

        assert wrong == []

    def test_nobody_and_a_token_are_led_to_the_door(self, world: World) -> None:
        rows = rows_of_ours(world)
        _, secret = ApiToken.objects.create(user=settle("zeus"))
        clients = {"nobody": Client(), "a token": Client(headers={"Authorization": f"Bearer {secret}"})}

        wrong = [
            f"{address.name} as {who}: {answer.status_code}"
            for address in lines().values()
            if address.name not in OUTSIDE
            for who, client in clients.items()
            for answer in [client.get(url_of(address, rows))]
            if answer.status_code != LED_AWAY or "login" not in answer.headers["Location"]
        ]

        assert wrong == []
