"""One request through the pages in a language whose every word can be told from English, and all that is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from psycopg import sql

from config.kernel.preferences import Preferences
from refunds.models import RefundRequest
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from tests.harness.world import World

BRACKET = "⟦"
"""Every translation into the made-up language begins with it, and nothing else does."""

RATIONALE = "The lamp was seen unopened in the shop."


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def signed_in(person: User) -> Client:
    """Sign in somebody who reads the made-up language."""
    Preferences.objects.update_or_create(user=person, defaults={"language": "qps"})
    client = Client()
    client.force_login(person, backend="config.kernel.backend.PeopleBackend")
    return client


def submitted(world: World, client: Client, *, days_ago: int) -> RefundRequest:
    """Enter and submit a request by the page."""
    order = world.order(unit_minor=100_00, days_ago=days_ago)
    line = order.lines.get()
    typed = {"reason": "changed_mind", f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened", "do": "submit"}
    answer = client.post(reverse("refunds:intake_order", args=[order.channel, order.external_id]), typed, follow=True)
    assert BRACKET in answer.content.decode()
    return RefundRequest.objects.get(order=order)


def said(client: Client, request: RefundRequest, verb: str, **words: str) -> str:
    """Say a verb by the page, and give the page that follows."""
    answer = client.post(reverse(f"refunds:{verb}", args=[request.reference]), words, follow=True)
    return str(answer.content.decode())


def tables_with(mark: str) -> list[str]:
    """Name the tables that keep the mark anywhere in a row."""
    with connection.cursor() as cursor:
        names = sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))
        found = []
        for name in names:
            asked = sql.SQL("SELECT count(*) FROM {} t WHERE strpos(to_jsonb(t)::text, {}) > 0")
            cursor.execute(asked.format(sql.Identifier(name), sql.Literal(mark)))
            found += [name] if cursor.fetchone()[0] else []
    return found


class TestWhatIsKept:
    def test_is_english_whatever_its_makers_read(
        self, world: World, amir: User, dana: User, mei: User, viktor: User
    ) -> None:
        agent, approver, reviewer, manager = map(signed_in, (amir, dana, mei, viktor))
        approved, declined, held = (submitted(world, agent, days_ago=8) for _ in range(3))
        asked = submitted(world, agent, days_ago=40)

        refused = said(agent, approved, "approve", rationale="")
        pages = [
            said(approver, approved, "approve", rationale=""),
            said(approver, declined, "decline", rationale=RATIONALE),
            said(reviewer, asked, "ask", question="Which lamp is it, and where?"),
            said(manager, held, "hold", note="The customer telephoned."),
        ]

        assert [RefundRequest.objects.get(pk=one.pk).state for one in (approved, declined, asked, held)] == [
            "approved",
            "declined",
            "needs_info",
            "on_hold",
        ]
        assert all(BRACKET in page for page in (refused, *pages))
        assert tables_with(RATIONALE) != []
        assert tables_with(BRACKET) == []


class TestAnAmountTypedInGerman:
    def test_is_kept_as_the_same_minor_units_and_shown_before_and_after(
        self, world: World, amir: User, dana: User
    ) -> None:
        waiting = world.waiting(by=amir)
        client = signed_in(dana)
        Preferences.objects.filter(user=dana).update(language="de")
        page = client.get(reverse("refunds:request", args=[waiting.reference])).content.decode()

        said(client, waiting, "approve", amount="60,50", rationale=RATIONALE)

        assert 'value="100,00"' in page
        assert RefundRequest.objects.get(pk=waiting.pk).approved_minor == 60_50
