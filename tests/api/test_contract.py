"""The whole schema, tried by machine: what it says may be sent is answered as it says, and nothing else is.

Each operation is tried as one role, the same inputs in every run; `EVERY_ROLE=1` tries all of them, and the edges too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from config.kernel.tokens import ApiToken
from config.wsgi import application
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

BAD_REQUEST, UNPROCESSABLE = 400, 422

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROLES = ("amir", "mei", "dana", "viktor", "vera", "lena", "sam", "ada", "root", "bot")
UNDERSTOOD = ["2xx", "400", "401", "403", "404", "409", "413", "415", "422"]
"""What a call that the schema allows may hear. A no is then held to `names_its_reasons`: some demands no schema can
say, such as a last day that is not before the first."""

CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": UNDERSTOOD}},
    "phases": {"coverage": {"enabled": bool(os.environ.get("EVERY_ROLE"))}},
}
schema = schemathesis.openapi.from_wsgi(
    "/api/schema/?format=json", application, config=schemathesis.Config.from_dict(CONFIG)
)


@schemathesis.check
def names_its_reasons(_context: Any, response: Any, case: Any) -> None:
    """Want of every no that it is a problem, and of a 400 and a 422 that it says what is wrong and where."""
    if response.status_code < BAD_REQUEST:
        return
    problem = response.json()
    assert response.headers["content-type"] == ["application/problem+json"]
    assert (problem["status"], bool(problem["code"])) == (response.status_code, True)
    if response.status_code in {BAD_REQUEST, UNPROCESSABLE}:
        assert problem["detail"]
        assert all(fault["detail"] and fault["code"] for fault in problem["errors"])


@schema.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave out empty filters: a form sends them, and they filter nothing."""
    return not any(value in ("", {}) or value == [""] for value in (case.query or {}).values())


@schema.hook
def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Send no cursor: one is made by us, and anything else is a 400 that the schema cannot tell apart."""
    return {name: value for name, value in query.items() if name != "cursor"} if query else query


@schema.hook
def map_body(_context: Any, body: Any) -> Any:
    """Write whole numbers as such: JSON Schema takes 1.0 for an integer, and an amount must not look like that."""
    if isinstance(body, dict):
        return {name: map_body(_context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [map_body(_context, value) for value in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep the transaction of the test: a server would give the connection back after each answer."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=ROLES if os.environ.get("EVERY_ROLE") else [""])
def caller(request: pytest.FixtureRequest, world: World) -> str:
    """Issue a token to somebody."""
    whose = request.param or ROLES[sum(request.node.name.encode()) % len(ROLES)]
    _, token = ApiToken.objects.create(user=settle(whose))
    return str(token)


@schema.parametrize()
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_schema_is_kept(case: Any, caller: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {caller}"})
