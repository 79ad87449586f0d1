"""What a schema spread by team would lose is read from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from config.deploy.sharding import Place, read, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.deploy.sharding import Table

pytestmark = pytest.mark.django_db


@pytest.fixture
def tables() -> Iterator[dict[str, Table]]:
    """Our own schema, placed."""
    names = connection.get_connection_params()
    words = {name: names[name] for name in ("dbname", "user", "host", "port", "password") if names.get(name)}
    with psycopg.connect(make_conninfo(**words)) as line:
        yield read(line)


class TestPlaces:
    def test_are_given_to_every_table(self, tables: dict[str, Table]) -> None:
        assert tables["refunds_order"].place == Place.HAS_TEAM
        assert tables["refunds_operation"].place == Place.NEEDS_TEAM
        assert tables["kernel_user"].place == Place.REFERENCE
        assert tables["kernel_schedulerlease"].place == Place.ONE_MACHINE
        assert tables["evidence_ledgerentry"].place == Place.NO_TEAM


class TestRefusals:
    def test_name_keys_without_the_team(self, tables: dict[str, Table]) -> None:
        refused = tables["refunds_operation"].refused

        assert "refunds_operation_pkey: primary key without the team" in refused
        assert any("to refunds_payment without the team" in one for one in refused)

    def test_spare_what_has_the_team_or_stays_whole(self, tables: dict[str, Table]) -> None:
        assert tables["kernel_user"].refused == []
        assert not any("kernel_team" in one for table in tables.values() for one in table.refused)

    def test_are_counted_for_people(self, tables: dict[str, Table]) -> None:
        count = sum(len(table.refused) for table in tables.values())

        assert f"{count} constraints could not be held as they are" in report(tables)
