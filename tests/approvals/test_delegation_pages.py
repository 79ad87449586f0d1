"""The page where authority is lent, and what other pages say of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.delegation_rules import Offer
from approvals.models import Absence, ApprovalRoute, ApprovalStep, Delegation
from approvals.services.delegating import accept_delegation, offer_delegation
from approvals.vocabulary import DelegationState
from tests.harness.people import fresh, settle

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

PAGE = "/delegations/"
DAY = timedelta(days=1)


def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def offered(lender: User, to: User, **changes: Any) -> Delegation:
    words: dict[str, Any] = {"lent_to": fresh(to), "from_at": now(), "until_at": now() + 3 * DAY, **changes}
    return offer_delegation(offer=Offer(**words), actor=fresh(lender), at=timezone.now())


def lent(lender: User, to: User, **changes: Any) -> Delegation:
    delegation = offered(lender, to, **changes)
    return accept_delegation(delegation_id=delegation.pk, actor=fresh(to), at=timezone.now())


def typed(**changes: str | list[str]) -> dict[str, str | list[str]]:
    start = now().astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE))
    return {
        "to": "dana",
        "from_at": f"{start:%Y-%m-%dT%H:%M}",
        "until_at": f"{start + DAY:%Y-%m-%dT%H:%M}",
        "why": "On leave.",
        **changes,
    }


class TestOffering:
    def test_from_the_page_writes_what_was_typed(self, world: World, viktor: User, dana: User) -> None:
        words = typed(teams=["uk-retail"], categories=["refund"], ceiling="300", currency="GBP")
        answer = at_desk(viktor).post(PAGE, words)

        delegation = Delegation.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
        assert (delegation.lent_by, delegation.lent_to, delegation.state) == (viktor, dana, "offered")
        assert [team.slug for team in delegation.teams.all()] == ["uk-retail"]
        assert (delegation.categories, delegation.single_minor, delegation.currency) == (["refund"], 300_00, "GBP")
        assert delegation.until_at - delegation.from_at == DAY

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"to": "amir"}, "id_offer_to"),
            ({"to": ""}, "id_offer_to"),
            ({"until_at": "2020-01-01T00:00"}, "It must end after it begins."),
            ({"until_at": "soon"}, "id_offer_until_at"),
            ({"ceiling": "5000.01", "currency": "GBP"}, "lend no more"),
            ({"ceiling": "300"}, "Say in which currency."),
            ({"ceiling": "a lot", "currency": "GBP"}, "Enter an amount such as"),
            ({"teams": ["moon"]}, "id_offer_teams"),
        ],
    )
    def test_says_at_its_field_what_cannot_be(
        self, world: World, viktor: User, dana: User, changes: dict[str, Any], said: str
    ) -> None:
        answer = at_desk(viktor).post(PAGE, typed(**changes))

        assert answer.status_code == 422
        html = answer.content.decode()
        assert said in html
        assert "data-errors" in html
        assert not Delegation.objects.exists()

    def test_offers_only_colleagues_who_sign(self, world: World, viktor: User, dana: User, amir: User) -> None:
        settle("bot")
        html = at_desk(viktor).get(PAGE).content.decode()

        assert '<option value="dana">' in html
        assert not any(f'<option value="{name}">' in html for name in ("amir", "bot", "viktor"))

    def test_is_for_approvers(self, world: World, root: User, ada: User) -> None:
        for person in (root, ada):
            assert "Lend authority" not in at_desk(person).get(PAGE).content.decode()
            assert at_desk(person).post(PAGE, typed()).status_code == 403


class TestAnswering:
    def test_shows_the_offer_with_what_stays_closed(self, world: World, amir: User, viktor: User, dana: User) -> None:
        hers = world.waiting(by=dana, at=timezone.now())
        his = world.waiting(by=viktor, at=timezone.now())
        world.waiting(by=amir, at=timezone.now())
        offered(viktor, dana)

        html = at_desk(dana).get(PAGE).content.decode()

        assert "Viktor asks you to sign in their name" in html
        assert f"<code>{hers.reference}</code>" in html
        assert f"<code>{his.reference}</code>" in html
        assert html.count("<code>RR-") == 2

    @pytest.mark.parametrize(("verb", "state"), [("accept", "accepted"), ("decline", "declined"), ("end", "ended")])
    def test_is_one_button(self, world: World, viktor: User, dana: User, verb: str, state: str) -> None:
        delegation = offered(viktor, dana)

        assert at_desk(dana).post(f"{PAGE}{delegation.pk}/{verb}/").status_code == 302

        delegation.refresh_from_db()
        assert delegation.state == state

    def test_is_nobody_elses(self, world: World, viktor: User, dana: User, vera: User, root: User) -> None:
        delegation = offered(viktor, dana)

        assert at_desk(vera).post(f"{PAGE}{delegation.pk}/accept/").status_code == 404
        assert at_desk(root).post(f"{PAGE}{delegation.pk}/accept/").status_code == 403
        assert at_desk(viktor).post(f"{PAGE}{delegation.pk}/accept/").status_code == 403
        assert at_desk(dana).get(f"{PAGE}{delegation.pk}/accept/").status_code == 405

    def test_comes_too_late_with_the_reason(self, world: World, viktor: User, dana: User) -> None:
        delegation = offered(viktor, dana)
        at_desk(viktor).post(f"{PAGE}{delegation.pk}/end/")

        answer = at_desk(dana).post(f"{PAGE}{delegation.pk}/accept/")

        assert answer.status_code == 409
        assert "it is ended" in answer.content.decode()


class TestTheList:
    def test_marks_what_ends_soon(self, world: World, viktor: User, dana: User, vera: User) -> None:
        lent(viktor, dana, until_at=now() + timedelta(hours=5))
        lent(viktor, vera)

        html = at_desk(viktor).get(PAGE).content.decode()

        assert html.count("Ends soon") == 1
        assert html.count("In force") == 1

    def test_shows_the_past_without_a_button(self, world: World, viktor: User, dana: User) -> None:
        delegation = lent(viktor, dana)
        at_desk(dana).post(f"{PAGE}{delegation.pk}/end/")

        html = at_desk(viktor).get(PAGE).content.decode()

        assert ">Ended<" in html
        assert f"{delegation.pk}/end/" not in html

    def test_of_everybody_is_for_auditors_and_administrators(
        self, world: World, viktor: User, dana: User, vera: User, ada: User, root: User
    ) -> None:
        delegation = lent(viktor, dana)

        assert "for Viktor" in at_desk(ada).get(PAGE).content.decode()
        assert f"{delegation.pk}/end/" not in at_desk(ada).get(PAGE).content.decode()
        assert f"{delegation.pk}/end/" in at_desk(root).get(PAGE).content.decode()
        assert "for Viktor" not in at_desk(vera).get(PAGE).content.decode()
        assert at_desk(root).post(f"{PAGE}{delegation.pk}/end/").status_code == 302

    def test_asks_no_more_for_more_rows(self, world: World, viktor: User, dana: User) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert at_desk(viktor).get(PAGE).status_code == 200
            return len(asked)

        lent(viktor, dana, until_at=now() + DAY, teams=(world.team(),))
        few = count()
        for place in range(1, 6):
            until = now() + (place + 1) * DAY
            lent(viktor, dana, from_at=now() + place * DAY, until_at=until, teams=(world.team(),))

        assert count() == few


class TestAnAbsence:
    def test_is_entered_and_removed(self, world: World, dana: User) -> None:
        words = {key: typed()[key] for key in ("from_at", "until_at")} | {"note": "Dentist"}
        assert at_desk(dana).post(f"{PAGE}absences/", words).status_code == 302
        absence = Absence.objects.get()

        assert "Dentist" in at_desk(dana).get(PAGE).content.decode()
        assert at_desk(dana).post(f"{PAGE}absences/{absence.pk}/remove/").status_code == 302
        assert not Absence.objects.exists()

    def test_is_refused_at_its_field(self, world: World, dana: User) -> None:
        words = {"from_at": typed()["until_at"], "until_at": typed()["from_at"]}
        answer = at_desk(dana).post(f"{PAGE}absences/", words)

        assert answer.status_code == 422
        assert "It must end after it begins." in answer.content.decode()

    def test_of_a_colleague_is_not_there(self, world: World, dana: User, viktor: User, root: User) -> None:
        words = {key: typed()[key] for key in ("from_at", "until_at")}
        assert at_desk(root).post(f"{PAGE}absences/", {**words, "user": "dana", "note": "Ill"}).status_code == 302
        absence = Absence.objects.get()

        assert (absence.user, absence.entered_by) == (dana, root)
        assert "Ill" not in at_desk(viktor).get(PAGE).content.decode()
        assert at_desk(viktor).post(f"{PAGE}absences/{absence.pk}/remove/").status_code == 404


class TestOtherPages:
    def test_say_in_whose_name_before_the_click(self, world: World, amir: User, viktor: User, dana: User) -> None:
        lent(viktor, dana)
        waiting = world.waiting(by=amir, at=timezone.now())
        own = world.waiting(by=amir, at=timezone.now())
        ApprovalStep.objects.filter(route__reference=waiting.reference).update(role="manager")
        ApprovalRoute.objects.filter(reference=waiting.reference).update(open_roles=["manager"])

        html = at_desk(dana).get(f"/requests/{waiting.reference}/").content.decode()
        plain = at_desk(dana).get(f"/requests/{own.reference}/panel/").content.decode()

        assert "You sign for Viktor" in html
        assert "their limit £5,000.00, yours £500.00" in html
        assert "You sign for" not in plain
        assert "You may approve up to £500.00" in plain

    def test_carry_a_badge_while_it_is_in_force(self, world: World, viktor: User, dana: User) -> None:
        delegation = lent(viktor, dana)
        until = delegation.until_at

        html = at_desk(dana).get("/queue/").content.decode()
        assert "For Viktor until" in html
        assert f"{until.day} {until:%b}" in html
        assert "For Viktor until" not in at_desk(viktor).get("/queue/").content.decode()
        Delegation.objects.update(state=DelegationState.ENDED)
        assert "For Viktor until" not in at_desk(dana).get("/queue/").content.decode()

    def test_count_the_offers_in_the_navigation(self, world: World, viktor: User, dana: User) -> None:
        offered(viktor, dana)

        assert 'id="waits-d">1<' in at_desk(dana).get("/queue/").content.decode()
