"""Limits: typed in whole units, recorded, and never one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from approvals.models import AuthorityLimit
from approvals.services.limits import Scope, set_limit, subject_of
from approvals.vocabulary import SignedCategory
from config.kernel.refusals import NotPermitted, Refused
from evidence.ledger import timeline_of
from evidence.models import LedgerEntry
from policies.vocabulary import Category
from tests.admin.desk import desk_of
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

ADD = "admin:approvals_authoritylimit_add"
CHANGE = "admin:approvals_authoritylimit_change"
DELETE = "admin:approvals_authoritylimit_delete"


def typed(holder: User | None, **changes: Any) -> dict[str, Any]:
    """Fill the page in."""
    filled = {"user": holder.pk if holder else "", "role": "", "team": "", "category": "refund", "currency": "USD"}
    return {**filled, "single": "500", "daily": "10,000.00", **changes}


def of(person: User, currency: str = "GBP") -> AuthorityLimit:
    """Find somebody's limit."""
    return AuthorityLimit.objects.get(user=person, currency=currency)


class TestALimit:
    def test_is_read_exactly_and_recorded(self, world: World, root: User, amir: User) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(amir, single="499.99", currency="usd"))

        assert answer.status_code == 302, answer.context["errors"]
        limit = of(amir, "USD")
        assert (limit.single_minor, limit.daily_minor) == (499_99, 10_000_00)
        entry = timeline_of(subject_of(limit)).get()
        assert (entry.kind, entry.actor) == ("limit.set", root)
        assert entry.sentence == "set the limit of amir for refund in USD to US$499.99 each, US$10,000.00 a day."

    def test_says_in_the_ledger_what_it_was(self, world: World, root: User, dana: User) -> None:
        limit = of(dana)

        desk_of(root).post(reverse(CHANGE, args=[limit.pk]), {"single": "600", "daily": "1000000"})

        assert of(dana).single_minor == 600_00
        entry = timeline_of(subject_of(limit)).get()
        assert entry.sentence.endswith("It was £500.00.")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"single": "1.999"}, "single"),
            ({"single": "much"}, "single"),
            ({"single": "-1"}, "single"),
            ({"daily": "499"}, "daily"),
            ({"currency": "ZZZ"}, "currency"),
            ({"category": "gift"}, "category"),
            ({"user": ""}, "user"),
            ({"role": "approver"}, "user"),
            ({"role": "emperor", "user": ""}, "role"),
        ],
    )
    def test_is_refused_with_the_field_named_and_nothing_written(
        self, world: World, root: User, amir: User, changes: dict[str, str], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(amir, **changes))

        assert answer.status_code == 200
        assert field in answer.context["adminform"].form.errors
        assert not AuthorityLimit.objects.filter(user=amir).exists()

    def test_of_ones_own_is_set_by_somebody_else(self, world: World, root: User) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(root))

        assert answer.status_code == 403
        assert "This limit is your own. Somebody else must set it." in answer.content.decode()
        assert not AuthorityLimit.objects.filter(user=root).exists()

    def test_of_a_role_one_holds_is_ones_own(self, world: World, root: User) -> None:
        assert desk_of(root).post(reverse(ADD), typed(None, role="administrator")).status_code == 403

    def test_of_ones_own_is_not_raised_even_by_a_superuser(self, world: World, zeus: User) -> None:
        limit, desk = of(zeus), desk_of(zeus)

        assert desk.post(reverse(CHANGE, args=[limit.pk]), {"single": "60000", "daily": "1000000"}).status_code == 403
        assert desk.post(reverse(DELETE, args=[limit.pk]), {"post": "yes"}).status_code == 403
        assert of(zeus).single_minor == limit.single_minor

    @pytest.mark.parametrize("name", ["mei", "dana", "ada"])
    def test_is_set_by_administrators_alone(
        self, world: World, viktor: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        person = request.getfixturevalue(name)
        person.is_staff = True
        person.save()

        answer = desk_of(person).post(reverse(CHANGE, args=[of(viktor).pk]), {"single": "1", "daily": "1"})

        assert answer.status_code == 403
        with pytest.raises(NotPermitted):
            set_limit(
                scope=Scope(user=viktor, category="refund", currency="GBP"),
                single_minor=1,
                daily_minor=1,
                actor=person,
                at=NOON,
            )

    def test_is_withdrawn_with_an_entry(self, world: World, root: User, dana: User) -> None:
        limit = of(dana)
        subject = subject_of(limit)

        desk_of(root).post(reverse(DELETE, args=[limit.pk]), {"post": "yes"})

        assert not AuthorityLimit.objects.filter(pk=limit.pk).exists()
        assert timeline_of(subject).get().kind == "limit.withdrawn"


class TestSetLimit:
    def test_is_refused_for_a_machine(self, world: World, root: User, bot: User) -> None:
        with pytest.raises(Refused, match="A service account signs for nothing"):
            set_limit(
                scope=Scope(user=bot, category="refund", currency="GBP"),
                single_minor=1,
                daily_minor=1,
                actor=root,
                at=NOON,
            )

    def test_records_nothing_when_nothing_changes(self, world: World, root: User, dana: User) -> None:
        limit = of(dana)
        before = LedgerEntry.objects.count()

        set_limit(
            scope=Scope(user=dana, category="refund", currency="GBP"),
            single_minor=limit.single_minor,
            daily_minor=limit.daily_minor,
            actor=root,
            at=NOON,
        )

        assert LedgerEntry.objects.count() == before


class TestSignedCategory:
    def test_names_what_policies_name(self) -> None:
        assert SignedCategory.choices == Category.choices
