"""A portal cut in two by team: what each half still holds, and what was one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from config.deploy.splitting.__main__ import divided, told
from tests.harness.people import settle
from tests.harness.world import World

if TYPE_CHECKING:
    from refunds.models import RefundRequest


def address() -> str:
    """Say where the tests' own database is, as `DATABASE_URL` would, and empty it: a copy wants nobody inside."""
    words = connection.get_connection_params()
    with connection.cursor() as cursor:
        # Whatever a test before left behind, in a thread that is not over yet.
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()
    if str(words.get("host", "")).startswith("/"):
        place = urlencode({"host": words["host"], "port": words.get("port") or 5432})
        return f"postgresql://{words['user']}@/{words['dbname']}?{place}"
    secret = f":{words['password']}" if words.get("password") else ""
    return f"postgresql://{words['user']}{secret}@{words['host']}:{words.get('port') or 5432}/{words['dbname']}"


@pytest.fixture
def requests(transactional_db: None) -> list[RefundRequest]:
    """File a request in each of two teams, and sign for one."""
    world = World()
    signed = world.approved(by=settle("amir"), approver=settle("dana"))
    return [signed, world.filed(world.order(team="us-dtc"), by=settle("asha"))]


class TestTeams:
    def test_are_dealt_out_so_that_both_halves_have_as_many_requests_as_can_be(self) -> None:
        one, other = divided([(1, "a", 9), (2, "b", 5), (3, "c", 3), (4, "d", 0)])

        assert [slug for _, slug, _ in one] == ["a"]
        assert [slug for _, slug, _ in other] == ["b", "c", "d"]


@pytest.mark.slow
class TestACut:
    def test_leaves_two_halves_that_hold_what_the_whole_did(self, requests: list[RefundRequest]) -> None:
        answers = list(told(address()))

        assert [sentence for is_right, sentence in answers if not is_right] == []
        said = " ".join(sentence for _, sentence in answers)
        assert "decider_is_not_the_requester" in said
        assert "currencies; odd: none" in said
        # What people say on the telephone would be given out twice.
        assert "refunds_refundrequest_reference_key" in said.partition("were taken")[2].partition("Refused")[0]

    def test_through_a_request_is_told(self, requests: list[RefundRequest]) -> None:
        here = address()
        moved = [requests[1].team_id, requests[0].order_id]
        with psycopg.connect(here) as line:
            line.execute("SET session_replication_role = replica")
            line.execute("UPDATE refunds_order SET team_id = %s WHERE id = %s", moved)

        wrong = [sentence for is_right, sentence in told(here, commands={}) if not is_right]

        assert [sentence for sentence in wrong if sentence.startswith("Rows that point at nothing")]
        assert "refunds_refundrequest.order_id 1" in " ".join(wrong)
