"""The access table's pages of accounts, approvals, policies, evidence and analytics, and what is open to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.people import settle

from .samples import Sample
from .walking import Walk, asked, rows_of

if TYPE_CHECKING:
    from tests.harness.world import World


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("plain_refusals")
class TestTheOtherPages:
    def test_are_what_everybody_hears(self, world: World) -> None:
        walk = Walk(Sample(world, world.team(), settle("amir")))

        assert walk.faults((method, name, asked(told)) for method, name, told in rows_of("others")) == []
