"""Above which amount a break takes two people, and by when it is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from evidence.models import LedgerEntry
from refunds.models import BreakLimit, BreakPromise
from tests.admin.desk import desk_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return settle("root")


class TestTheLimit:
    def test_is_set_in_major_units_and_its_history_is_beside_it(self, root: User) -> None:
        desk = desk_of(root)
        desk.post(reverse("admin:refunds_breaklimit_add"), {"currency": "eur", "above": "50.00"})
        kept = BreakLimit.objects.get()
        desk.post(reverse("admin:refunds_breaklimit_change", args=[kept.pk]), {"above": "80"})

        kept.refresh_from_db()
        assert (kept.currency, kept.above_minor) == ("EUR", 80_00)
        page = desk.get(reverse("admin:refunds_breaklimit_change", args=[kept.pk]))
        assert LedgerEntry.objects.filter(kind="break_limit.set").count() == 2
        assert page.status_code == 200

    @pytest.mark.parametrize("words", [{"currency": "EUR", "above": "-1"}, {"currency": "XXXX", "above": "1"}])
    def test_is_an_amount_of_a_currency(self, root: User, words: dict[str, str]) -> None:
        assert desk_of(root).post(reverse("admin:refunds_breaklimit_add"), words).status_code in {200, 422}
        assert not BreakLimit.objects.exists()

    def test_is_not_set_by_finance(self) -> None:
        lena = settle("lena")
        type(lena).objects.filter(pk=lena.pk).update(is_staff=True)
        words = {"currency": "EUR", "above": "1000"}

        assert (
            desk_of(type(lena).objects.get(pk=lena.pk)).post(reverse("admin:refunds_breaklimit_add"), words).status_code
            == 403
        )


class TestThePromise:
    def test_is_made_for_a_kind(self, root: User) -> None:
        desk_of(root).post(reverse("admin:refunds_breakpromise_add"), {"kind": "double", "days": "1"})

        assert BreakPromise.objects.get().days == 1
        assert "It was 2." in LedgerEntry.objects.get(kind="break_promise.set").sentence
