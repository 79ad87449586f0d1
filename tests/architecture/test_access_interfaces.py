"""The access table's addresses of the API and of agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.people import settle

from .access_table import rows
from .samples import Sample
from .walking import Walk, asked, rows_of

if TYPE_CHECKING:
    from tests.harness.world import World

PARTS = ("refunds", "interfaces", "others")


class TestTheParts:
    def test_are_the_whole_table(self) -> None:
        walked = [row for part in PARTS for row in rows_of(part)]

        assert len(walked) == len(rows())
        assert all(row in walked for row in rows())


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestTheInterfaces:
    def test_are_what_everybody_hears(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))

        assert walk.faults((method, name, asked(told)) for method, name, told in rows_of("interfaces")) == []
