"""Fields that must fit together: the page that lists them says what the API answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.conf import settings

from approvals.models import Delegation, FreezeSwitch
from evidence.models import LedgerEntry
from policies.models import GovernedAction
from refunds.models import Order, Payment, RefundRequest
from tests.harness.people import settle

from .conftest import days_ago, order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

PAGE: Final = (Path(settings.BASE_DIR) / "config/combinations.md").read_text(encoding="utf-8")
ROW: Final = re.compile(r"^\| `POST (/[\w-]+)` \| (.+) \| (\d{3}) `(\w+)` \|$", re.MULTILINE)
GOODWILL: Final = {
    "category": "goodwill_credit",
    "amount_minor": 500,
    "currency": "GBP",
    "customer": "17850",
    "team": "uk-retail",
    "reason": "late_delivery",
}
LOAN: Final = {
    "to": "vera",
    "from_at": days_ago(-1),
    "until_at": days_ago(-2),
    "teams": [],
    "categories": [],
    "single_minor": 100_00,
    "currency": "GBP",
}
PAID: Final = order_body()["payments"][0]
OUTFLOW: Final = {
    "category": "payout",
    "amount_minor": 1_00,
    "currency": "GBP",
    "reason": "scheduled",
    "team": "uk-retail",
    "subject": {"gateway": "stripe", "external_id": "po_1"},
}


@dataclass(frozen=True)
class Misfit:
    """Who sends what does not fit together."""

    who: str
    body: dict[str, Any]


def lines(**changes: Any) -> dict[str, Any]:
    """Ask for the line with something changed."""
    return request_body(lines=[{"line": "1", "quantity": 1, **changes}])


SENT: Final[dict[tuple[str, str], list[Misfit]]] = {
    ("/refund-requests", "`currency` is the order's"): [Misfit("amir", request_body(currency="USD"))],
    ("/refund-requests", "`quantity` of a line is no more than was sold and not given back"): [
        Misfit("amir", lines(quantity=5))
    ],
    ("/refund-requests", "`amount_minor` of a line is no more than was paid for its `quantity`"): [
        Misfit("amir", lines(amount_minor=2501))
    ],
    ("/refund-requests", "`shipping_minor` is no more than the shipping that was paid"): [
        Misfit("amir", request_body(shipping_minor=301))
    ],
    ("/refund-requests", "each `line` stands in `lines` once"): [
        Misfit("amir", request_body(lines=[{"line": "1", "quantity": 1}] * 2))
    ],
    ("/refund-requests", "`lines` and `shipping_minor` ask for something between them"): [
        Misfit("amir", request_body(lines=[]))
    ],
    ("/refund-requests", "`method` is `original` until the way back to the customer's card failed"): [
        Misfit("amir", request_body(method="bank_transfer"))
    ],
    ("/refund-requests", "`goodwill_credit` has `amount_minor`, `currency`, `customer` and `team`"): [
        Misfit("amir", GOODWILL | {name: None}) for name in ("amount_minor", "currency", "customer", "team")
    ],
    ("/refund-requests", "`goodwill_credit` has no `lines`, `shipping_minor` and `method`"): [
        Misfit("amir", GOODWILL | more)
        for more in ({"lines": [{"line": "1", "quantity": 1}]}, {"shipping_minor": 1}, {"method": "original"})
    ],
    ("/refund-requests", "`goodwill_credit` names `order` and `channel` together, or neither"): [
        Misfit("amir", GOODWILL | {"order": "W-1"})
    ],
    ("/orders", "all `payments` are in one `currency`"): [
        Misfit("bot", order_body("W-2", payments=[PAID, PAID | {"external_id": "pi_2", "currency": "USD"}]))
    ],
    ("/orders", "each payment stands in `payments` once"): [Misfit("bot", order_body("W-2", payments=[PAID, PAID]))],
    ("/decisions", "`execute` goes with a `category` that the portal carries out"): [
        Misfit("bot", OUTFLOW | {"category": "refund", "execute": True})
    ],
    ("/decisions", "`execute` of a `transfer` names `context.destination`"): [
        Misfit("bot", OUTFLOW | {"category": "transfer", "execute": True})
    ],
    ("/freezes", "`agent` is named for the scope `agent`, `team` for `team`, `category` for `category`"): [
        Misfit("lena", {"scope": scope, "reason": "A wave of odd refunds."}) for scope in ("agent", "team", "category")
    ],
    ("/delegations", "`until_at` is after `from_at`"): [
        Misfit("viktor", LOAN | {"from_at": days_ago(-3), "until_at": days_ago(-2)})
    ],
    ("/delegations", "`single_minor` is no more than one's own limit in its `currency`"): [
        Misfit("viktor", LOAN | {"single_minor": 5_000_01})
    ],
    ("/delegations", "`single_minor` has a `currency`"): [Misfit("viktor", LOAN | {"currency": ""})],
}


def rows() -> tuple[int, ...]:
    """Count what must not change."""
    tables = (Order, Payment, RefundRequest, GovernedAction, FreezeSwitch, Delegation, LedgerEntry)
    return tuple(table.objects.count() for table in tables)


class TestThePage:
    def test_lists_what_is_sent_here_and_nothing_else(self) -> None:
        assert sorted((path, words) for path, words, _, _ in ROW.findall(PAGE)) == sorted(SENT)

    @pytest.mark.parametrize(("path", "words", "status", "code"), ROW.findall(PAGE))
    def test_says_what_is_answered(
        self, calling: Callable[[str], Caller], path: str, words: str, status: str, code: str
    ) -> None:
        calling("bot").post("orders", order_body())
        settle("vera")
        before = rows()

        for misfit in SENT[path, words]:
            answer = calling(misfit.who).post(path.lstrip("/"), misfit.body)
            assert (answer.status_code, answer.json()["code"]) == (int(status), code), answer.json()
        assert rows() == before
