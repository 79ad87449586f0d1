"""GET /api/v1/ledger/checkpoints: what was signed of the ledger, for whoever keeps the newest note elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import Caller

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]


class TestCheckpoints:
    def test_are_listed_newest_first_word_for_word(self, ada: User) -> None:
        entries(2)
        first = checkpoint()
        entries(1)
        second = checkpoint(1)

        rows = Caller(ada).get("ledger/checkpoints").json()["results"]

        assert [(row["number"], row["size"], row["note"]) for row in rows] == [
            (second.number, second.size, second.note),
            (first.number, first.size, first.note),
        ]
        assert rows[0]["root"] == second.root_hex
        assert (rows[0]["previous"], rows[0]["key"]) == (second.previous, second.key_id)

    def test_come_page_by_page(self, ada: User) -> None:
        for minutes in range(3):
            entries(1)
            checkpoint(minutes)

        page = Caller(ada).get("ledger/checkpoints", page_size=2).json()
        rest = Caller(ada).client.get(page["next"]).json()

        assert [row["number"] for row in page["results"] + rest["results"]] == [3, 2, 1]
        assert rest["next"] is None
