"""Every column that can hold words has a fate, so that what is new is not forgotten when somebody is."""

from __future__ import annotations

import pytest
from django.db import connection

from refunds.erasures.columns import COLUMNS, Fate, columns_that

WORDY = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
      JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND table_name <> 'django_migrations'
       AND data_type NOT IN ('uuid', 'boolean', 'date', 'bigint', 'integer', 'smallint', 'timestamp with time zone',
                             'time without time zone', 'double precision', 'numeric', 'interval')
"""
"""Whatever is not a number, a moment, a truth value or an id of ours: text, JSON, bytes, lists, and types to come."""

EVERY = """
    SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()
"""


@pytest.mark.django_db
class TestEveryColumn:
    def test_that_can_hold_words_has_a_fate(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WORDY)
            found = {(table, column) for table, column, _ in cursor.fetchall()}

        assert len(found) > 200
        named = {(table, column) for table, fates in COLUMNS.items() for column in fates}
        assert sorted(found - named) == []

    def test_with_a_fate_is_there(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(EVERY)
            there = set(cursor.fetchall())

        named = {(table, column) for table, fates in COLUMNS.items() for column in fates}
        assert sorted(named - there) == []

    @pytest.mark.parametrize("fate", Fate)
    def test_shares_its_fate_with_others(self, fate: Fate) -> None:
        assert columns_that(fate) != []
