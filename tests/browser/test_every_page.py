"""The pages that no other test looks at: axe, both themes, a desk, a phone and 400 % zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.architecture.addresses import patterns
from tests.architecture.samples import Sample
from tests.browser.checks import complaints
from tests.browser.seen import HERE
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestPagesNobodyElseLooksAt:
    def test_stand(self, page_as: PageAs, world: World) -> None:
        sample = Sample(world, world.team(), settle("amir"))
        routes = {name: route for name, route, _ in patterns()}
        found = []
        for username in dict.fromkeys(HERE.values()):
            addresses = [
                reverse(name, kwargs=sample.words_for(name, routes[name]))
                for name, person in HERE.items()
                if person == username
            ]
            found += complaints(page_as, settle(username) if username else None, *addresses)

        assert found == []
