"""Limits at the admin site: typed in whole units, proposed there, and never one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from approvals.models import AuthorityLimit, LimitChange, StepUpLimit
from approvals.services.limits import scope_of, subject_of
from approvals.services.step_up_limits import subject_of as step_up_of
from approvals.vocabulary import ChangeState
from evidence.ledger import timeline_of
from tests.admin.desk import desk_of

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

ADD = "admin:approvals_authoritylimit_add"
CHANGE = "admin:approvals_authoritylimit_change"
DELETE = "admin:approvals_authoritylimit_delete"
WHY = "She leads the team now."


def typed(holder: User | None, **changes: Any) -> dict[str, Any]:
    """Fill the page in."""
    filled = {"user": holder.pk if holder else "", "role": "", "team": "", "category": "refund", "currency": "USD"}
    return {**filled, "single": "500", "daily": "10,000.00", "why": WHY, **changes}


def of(person: User, currency: str = "GBP") -> AuthorityLimit:
    """Find somebody's limit."""
    return AuthorityLimit.objects.get(user=person, currency=currency)


class TestALimit:
    def test_is_proposed_exactly_recorded_and_not_yet_in_force(
        self, world: World, root: User, amir: User, lena: User
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(amir, single="499.99", currency="usd"), follow=True)

        assert answer.redirect_chain[-1][0] == reverse("approvals:limit_changes")
        assert "Proposed, not yet in force. Who can confirm it: Lena" in answer.content.decode()
        change = LimitChange.objects.get()
        assert (change.single_minor, change.daily_minor, change.currency) == (499_99, 10_000_00, "USD")
        assert (change.proposed_by, change.state, change.why) == (root, ChangeState.PROPOSED, WHY)
        assert not AuthorityLimit.objects.filter(user=amir).exists()
        entry = timeline_of(subject_of(scope_of(change))).get()
        assert (entry.kind, entry.actor) == ("limit.proposed", root)
        assert entry.sentence == (
            f"proposed the limit of amir for refund in USD: US$499.99 each, US$10,000.00 a day. {WHY}"
        )

    def test_keeps_what_it_is_while_a_change_waits(self, world: World, root: User, dana: User) -> None:
        limit = of(dana)

        desk_of(root).post(reverse(CHANGE, args=[limit.pk]), {"single": "600", "daily": "1000000", "why": WHY})

        assert of(dana).single_minor == 500_00
        assert LimitChange.objects.get().single_before_minor == 500_00

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
            ({"why": ""}, "why"),
        ],
    )
    def test_is_refused_with_the_field_named_and_nothing_written(
        self, world: World, root: User, amir: User, changes: dict[str, str], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(amir, **changes))

        assert answer.status_code == 200
        assert field in answer.context["adminform"].form.errors
        assert not LimitChange.objects.exists()

    def test_of_ones_own_is_proposed_by_somebody_else(self, world: World, root: User) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(root))

        assert answer.status_code == 403
        assert "This limit is your own. Somebody else must set it." in answer.content.decode()
        assert not LimitChange.objects.exists()

    def test_of_a_role_one_holds_is_ones_own(self, world: World, root: User) -> None:
        assert desk_of(root).post(reverse(ADD), typed(None, role="administrator")).status_code == 403

    def test_of_ones_own_is_not_raised_even_by_a_superuser(self, world: World, zeus: User) -> None:
        limit, desk = of(zeus), desk_of(zeus)
        asked = {"single": "60000", "daily": "1000000", "why": WHY}

        assert desk.post(reverse(CHANGE, args=[limit.pk]), asked).status_code == 403
        assert desk.post(reverse(DELETE, args=[limit.pk]), {"why": WHY}).status_code == 403
        assert not LimitChange.objects.exists()

    @pytest.mark.parametrize("name", ["mei", "dana", "ada"])
    def test_is_proposed_by_administrators_alone(
        self, world: World, viktor: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        person = request.getfixturevalue(name)
        person.is_staff = True
        person.save()
        asked = {"single": "1", "daily": "1", "why": WHY}

        assert desk_of(person).post(reverse(CHANGE, args=[of(viktor).pk]), asked).status_code == 403
        assert not LimitChange.objects.exists()

    def test_is_withdrawn_by_proposal_too(self, world: World, root: User, dana: User) -> None:
        desk, address = desk_of(root), reverse(DELETE, args=[of(dana).pk])

        assert desk.get(address).status_code == 200
        assert desk.post(address, {"why": " "}).status_code == 200
        assert not LimitChange.objects.exists()
        desk.post(address, {"why": WHY})

        assert of(dana).single_minor == 500_00
        assert LimitChange.objects.get().single_minor is None

    def test_change_is_a_record_at_the_site(self, world: World, root: User, amir: User) -> None:
        desk = desk_of(root)
        desk.post(reverse(ADD), typed(amir))
        change = LimitChange.objects.get()

        assert WHY in desk.get(reverse("admin:approvals_limitchange_change", args=[change.pk])).content.decode()
        answer = desk.post(reverse("admin:approvals_limitchange_change", args=[change.pk]), {"state": "confirmed"})
        assert answer.status_code == 403


class TestTheStepUp:
    def test_is_set_changed_and_removed_with_an_entry_each(self, world: World, root: User) -> None:
        desk = desk_of(root)

        desk.post(reverse("admin:approvals_stepuplimit_add"), {"currency": "eur", "above": "5,000"})
        kept = StepUpLimit.objects.get()
        assert (kept.currency, kept.above_minor) == ("EUR", 5_000_00)
        desk.post(reverse("admin:approvals_stepuplimit_change", args=[kept.pk]), {"above": "50.50"})
        desk.post(reverse("admin:approvals_stepuplimit_delete", args=[kept.pk]), {"post": "yes"})

        assert not StepUpLimit.objects.exists()
        kinds = [entry.kind for entry in timeline_of(step_up_of("EUR"))]
        assert kinds == ["step_up.set", "step_up.set", "step_up.removed"]

    @pytest.mark.parametrize("asked", [{"currency": "EUR", "above": "-1"}, {"currency": "ZZZ", "above": "1"}])
    def test_is_refused_for_what_cannot_be(self, world: World, root: User, asked: dict[str, str]) -> None:
        assert desk_of(root).post(reverse("admin:approvals_stepuplimit_add"), asked).status_code == 200
        assert not StepUpLimit.objects.exists()

    def test_is_nothing_for_a_reviewer(self, world: World, mei: User) -> None:
        asked = {"currency": "EUR", "above": "1"}

        assert desk_of(mei).post(reverse("admin:approvals_stepuplimit_add"), asked).status_code == 403
