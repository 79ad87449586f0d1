"""The ledger's page stands what every screen must stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.checkpoints.errands import do_errands
from evidence.checkpoints.making import catch_up
from evidence.models import LedgerEntry
from tests.browser.checks import complaints
from tests.evidence.checkpoints import entries
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestLedgerScreen:
    def test_is_readable_at_every_width(self, page_as: PageAs, settings: Settings, tmp_path: Path) -> None:
        blocked = tmp_path / "blocked"
        blocked.write_text("")
        settings.SIGNING_KEY_FILE, settings.CHECKPOINT_EXPORT = str(tmp_path / "key.pem"), str(blocked)
        entries(40)
        catch_up(at=NOON)
        do_errands(at=NOON)
        number = LedgerEntry.objects.order_by("pk")[7].pk

        assert complaints(page_as, settle("ada"), "/ledger/", f"/ledger/?entry={number}") == []
