"""What people type who mean no good, sent to every page: each name that it reads, with what no column can hold."""

from __future__ import annotations

from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from approvals.models import ApprovalDecision, AuthorityLimit, Delegation
from evidence.models import Attachment
from policies.models import PolicyVersion
from refunds.models import Operation, Order, RefundRequest, WebhookEndpoint

from .access_table import rows
from .asking import SPOKEN, client_of, forgotten
from .walking import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User

    from .samples import Sample

FILTERS: Final = ("after", "before", "currency", "from", "month", "page", "q", "state", "tab", "team", "to")
"""Names that many lists know, beside those an address is seen to read."""

NOT_ASKED: Final = {"live", "logout", "everybody_out", "account:end_other_sessions"}
"""A stream that does not end, and what ends the session that asks."""

MONEY_AND_AUTHORITY: Final[tuple[Any, ...]] = (
    *(RefundRequest, Order, Operation, Attachment),
    *(ApprovalDecision, AuthorityLimit, Delegation, PolicyVersion, WebhookEndpoint),
)
NOT_FOR_PEOPLE: Final = ("Traceback", "psycopg", "django.db", "site-packages")
REFUSED, CRASHED = 400, 500


def pages(method: str) -> list[str]:
    """Name the pages that take this method."""
    return [
        name
        for asked, name, _ in rows()
        if asked == method and name not in NOT_ASKED and not ROUTES[name].startswith(("api/", "mcp", "^"))
    ]


@contextmanager
def names_read() -> Iterator[set[str]]:
    """Hear which names are looked for in a query or a form."""
    heard: set[str] = set()

    def listening(ask: Any) -> Any:
        def answer(query: QueryDict, name: str, *more: Any) -> Any:
            heard.add(str(name))
            return ask(query, name, *more)

        return answer

    with pytest.MonkeyPatch.context() as patch:
        for way in ("__getitem__", "__contains__", "get", "getlist"):
            patch.setattr(QueryDict, way, listening(getattr(QueryDict, way)))
        yield heard


class Enemy:
    """Somebody who may do everything, with a browser that sends anything."""

    def __init__(self, person: User, sample: Sample) -> None:
        """Log in."""
        self.client, self.sample = client_of(person), sample
        self.client.raise_request_exception = False
        # Whatever is done is taken back before the next one asks.
        self.there = _counted()

    def faults(self, method: str, name: str, typed: tuple[str, ...]) -> list[str]:
        """Fill every name the page reads with each of these in turn; say what crashed, told too much or moved."""
        with names_read() as names:
            self._ask(method, name, SPOKEN if method == "POST" else dict.fromkeys(FILTERS, "1"))
        names -= {"csrfmiddlewaretoken"}
        tries = [dict.fromkeys(sorted({*names, *FILTERS}), words) for words in typed]
        return [
            f"{method} {name} with {next(iter(each.values()))[:40]!r}: {fault}"
            for each in tries
            if (fault := self._ask(method, name, each))
        ]

    def _ask(self, method: str, name: str, typed: dict[str, str]) -> str:
        address = reverse(name, kwargs=self.sample.words_for(name, ROUTES[name]))
        kept = SimpleCookie(self.client.cookies)
        with forgotten():
            if method == "POST":
                answer = self.client.post(address, typed)
            else:
                answer = self.client.get(f"{address}?{urlencode(typed)}")
            is_no = method == "POST" and REFUSED <= answer.status_code < CRASHED
            has_moved = is_no and _counted() != self.there
        self.client.cookies = kept
        if answer.status_code >= CRASHED:
            return str(answer.status_code)
        text = "" if answer.streaming else answer.content.decode("utf-8", "replace")
        told = [words for words in NOT_FOR_PEOPLE if words in text]
        return "moved something" if has_moved else " ".join(told)


def _counted() -> list[int]:
    return [model.objects.count() for model in MONEY_AND_AUTHORITY]
