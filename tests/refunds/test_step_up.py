"""Above a limit an approval asks who signs: for a fresh sign-in, on the page, in the panel and over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from approvals.models import ApprovalDecision, StepUpLimit
from approvals.services.roles import subject_of
from approvals.vocabulary import Verdict
from config.kernel.lockout import WrongTry
from config.kernel.refusals import NotPermitted
from config.kernel.sign_in import SESSION_KEY
from config.kernel.tokens import ApiToken
from evidence.ledger import timeline_of
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.sign_in import make_stale, sign_in_alone
from tests.harness.stillness import refused
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
HTMX = {"HX-Request": "true"}
WORDS = "Seen the invoice and the returned goods."


@pytest.fixture(autouse=True)
def limit(world: World) -> None:
    StepUpLimit.objects.update_or_create(currency="GBP", defaults={"above_minor": 150_00})


@pytest.fixture
def large(world: World, amir: User) -> RefundRequest:
    return world.waiting(by=amir, pounds=200)


@pytest.fixture
def browser(vera: User) -> Client:
    vera.set_password(PASSWORD)
    vera.save()
    client = Client()
    client.post("/login/", {"login": "vera", "password": PASSWORD})
    return client


def decide(found: RefundRequest, who: User, signed_in_at: datetime | None, **words: Any) -> RefundRequest:
    return workflow.decide(
        reference=found.reference,
        verdict=Verdict.APPROVE,
        rationale=words.pop("rationale", ""),
        actor=who,
        at=NOON,
        signed_in_at=signed_in_at,
        **words,
    )


def told_of(found: RefundRequest, kind: str) -> Any:
    entry = next(entry for entry in timeline_of(found.subject) if entry.kind == kind)
    return json.loads(entry.payload)["data"]


class TestApprovingMuch:
    @pytest.mark.parametrize("ago", [None, timedelta(minutes=11), timedelta(days=1)])
    def test_is_refused_without_a_fresh_sign_in(self, large: RefundRequest, vera: User, ago: timedelta | None) -> None:
        with refused(NotPermitted, "step_up_required") as _:
            decide(large, vera, None if ago is None else NOON - ago)

    def test_names_the_limit(self, large: RefundRequest, vera: User) -> None:
        with pytest.raises(NotPermitted, match=r"Approving above £150\.00 asks you to confirm who you are\."):
            decide(large, vera, None)

    def test_is_on_record_as_stepped_up(self, large: RefundRequest, vera: User) -> None:
        assert decide(large, vera, NOON - timedelta(minutes=9)).state == State.APPROVED
        assert told_of(large, "refund_request.approved")["stepped_up"] is True

    def test_is_free_at_the_limit_and_says_so(self, world: World, amir: User, vera: User) -> None:
        at_limit = world.waiting(by=amir, pounds=150)
        assert decide(at_limit, vera, None).state == State.APPROVED
        assert told_of(at_limit, "refund_request.approved")["stepped_up"] is False

    def test_is_free_for_a_lowered_amount_and_for_a_no(self, world: World, amir: User, vera: User) -> None:
        lowered, declined = (world.waiting(by=amir, pounds=200) for _ in range(2))
        decide(lowered, vera, None, amount_minor=140_00, rationale=WORDS)
        workflow.decide(reference=declined.reference, verdict=Verdict.DECLINE, rationale=WORDS, actor=vera, at=NOON)
        assert [as_stored(one).state for one in (lowered, declined)] == [State.APPROVED, State.DECLINED]

    def test_is_free_in_the_demo_in_a_currency_without_a_limit(self, world: World, amir: User, vera: User) -> None:
        StepUpLimit.objects.all().delete()
        assert decide(world.waiting(by=amir, pounds=200), vera, None).state == State.APPROVED

    @pytest.mark.parametrize("pounds", [100, 200])
    def test_in_a_currency_without_a_limit_always_asks_outside_the_demo(
        self, world: World, amir: User, vera: User, settings: Any, pounds: int
    ) -> None:
        StepUpLimit.objects.filter(currency="GBP").delete()
        settings.STEP_UP_WITHOUT_LIMIT = True
        found = world.waiting(by=amir, pounds=pounds)

        with refused(NotPermitted, "step_up_required"):
            decide(found, vera, NOON - timedelta(minutes=11))
        assert decide(found, vera, NOON - timedelta(minutes=9)).state == State.APPROVED
        assert told_of(found, "refund_request.approved")["stepped_up"] is True

    def test_without_a_limit_is_free_in_the_demo_alone(self) -> None:
        assert configured.STEP_UP_WITHOUT_LIMIT is not configured.DEMO

    def test_is_asked_only_of_whoever_may_approve(self, large: RefundRequest, lena: User) -> None:
        with refused(NotPermitted, "not_permitted"):
            decide(large, lena, None)


class TestThePage:
    def test_approves_right_after_signing_in(self, browser: Client, large: RefundRequest) -> None:
        browser.post(f"/requests/{large.reference}/approve/", {"amount": "200.00", "rationale": WORDS})
        assert as_stored(large).state == State.APPROVED

    def test_asks_for_the_password_and_keeps_what_was_typed(self, browser: Client, large: RefundRequest) -> None:
        make_stale(browser)
        address = f"/requests/{large.reference}/approve/"
        asked = browser.post(address, {"amount": "200.00", "rationale": WORDS})
        html = asked.content.decode()
        assert asked.status_code == 403
        assert f'name="rationale" value="{WORDS}"' in html
        assert f'name="next" value="{address}"' in html
        assert 'type="password"' in html
        assert as_stored(large).state == State.AWAITING_APPROVAL

        form = {"next": address, "replay": "1", "amount": "200.00", "rationale": WORDS, "password": PASSWORD}
        led = browser.post("/step-up/", form)
        assert (led.status_code, led.headers["Location"]) == (307, address)
        browser.post("/step-up/", form, follow=True)

        decision = ApprovalDecision.objects.get(route__reference=large.reference)
        assert decision.rationale == WORDS
        assert as_stored(large).state == State.APPROVED

    def test_asks_inside_the_panel(self, browser: Client, large: RefundRequest) -> None:
        make_stale(browser)
        address = f"/requests/{large.reference}/approve/"
        asked = browser.post(address, {"amount": "200.00", "rationale": WORDS, "back": "/queue/"}, headers=HTMX)
        html = asked.content.decode()
        assert asked.status_code == 422
        assert html.lstrip().startswith('<section class="card" id="panel"')
        assert 'hx-post="/step-up/"' in html
        assert 'name="back" value="/queue/"' in html

    def test_keeps_the_words_after_a_wrong_password_and_counts_it(self, browser: Client, large: RefundRequest) -> None:
        make_stale(browser)
        address = f"/requests/{large.reference}/approve/"
        form = {"next": address, "replay": "1", "amount": "200.00", "rationale": WORDS}

        for _ in range(5):
            no = browser.post("/step-up/", {**form, "password": "guess"})
            assert no.status_code == 403
            assert "This is not your password." in no.content.decode()
            assert f'name="rationale" value="{WORDS}"' in no.content.decode()
            assert "guess" not in no.content.decode()
        no = browser.post("/step-up/", {**form, "password": PASSWORD})

        assert "5 wrong tries in 15 minutes" in no.content.decode()
        assert as_stored(large).state == State.AWAITING_APPROVAL
        WrongTry.objects.update(tried_at=timezone.now() - timedelta(minutes=16))
        assert browser.post("/step-up/", {**form, "password": PASSWORD}).status_code == 307

    def test_leads_back_without_doing_anything_when_nothing_was_typed(self, browser: Client) -> None:
        assert browser.get("/step-up/?next=/queue/").status_code == 200
        back = browser.post("/step-up/", {"next": "/queue/", "password": PASSWORD})
        assert (back.status_code, back.headers["Location"]) == (302, "/queue/")

    @pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_never_leads_elsewhere(self, browser: Client, address: str) -> None:
        led = browser.post("/step-up/", {"next": address, "replay": "1", "password": PASSWORD, "cancel": address})
        assert led.headers["Location"] == "/"
        shown = browser.post("/step-up/", {"next": address, "replay": "1", "password": "no", "cancel": address})
        assert "evil.example" not in shown.content.decode()
        assert "javascript:" not in shown.content.decode()

    def test_is_not_carried_to_another_person(self, browser: Client, viktor: User) -> None:
        assert SESSION_KEY in browser.session
        sign_in_alone(browser, viktor)
        assert SESSION_KEY not in browser.session

    def test_wants_a_token_against_forgery(self, vera: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(vera)
        assert strict.post("/step-up/", {"next": "/", "password": PASSWORD}).status_code == 403


class TestAToken:
    def issue(self, *words: str) -> tuple[str, ApiToken]:
        out = StringIO()
        call_command("issue_token", "vera", *words, stdout=out)
        return out.getvalue().strip(), ApiToken.objects.latest("created")

    def approve(self, secret: str, found: RefundRequest) -> Any:
        return Client(headers={"Authorization": f"Bearer {secret}"}).post(
            f"/api/v1/refund-requests/{found.reference}/approve", {"rationale": WORDS}, content_type="application/json"
        )

    def test_stands_for_a_sign_in_when_it_was_issued_so(self, large: RefundRequest, vera: User) -> None:
        secret, token = self.issue("--step-up", "30")
        assert token.step_up_until is not None
        assert self.approve(secret, large).status_code == 200
        assert told_of(large, "refund_request.approved")["stepped_up"] is True

    def test_is_on_record(self, vera: User) -> None:
        self.issue("--step-up", "30", "--days", "2")
        entry = timeline_of(subject_of(vera)).get()
        assert (entry.kind, entry.actor) == ("person.token_issued", None)
        assert json.loads(entry.payload)["data"]["days"] == 2

    def test_does_not_without(self, large: RefundRequest, vera: User, settings: Any) -> None:
        settings.DEMO = False
        secret, token = self.issue()
        no = self.approve(secret, large)
        assert token.step_up_until is None
        assert (no.status_code, no.json()["code"]) == (403, "step_up_required")

    def test_does_so_no_longer_than_it_says(self, large: RefundRequest, vera: User) -> None:
        secret, token = self.issue("--step-up", "30")
        ApiToken.objects.filter(pk=token.pk).update(step_up_until=timezone.now() - timedelta(seconds=1))
        assert self.approve(secret, large).status_code == 403

    def test_does_so_by_itself_in_the_demo(self, vera: User, settings: Any) -> None:
        settings.DEMO = True
        _, token = self.issue("--days", "2")
        assert token.step_up_until is not None
        assert abs(token.step_up_until - token.expiry) < timedelta(minutes=1)


class TestTheDemo:
    def test_asks_for_one_click_instead_of_a_password(self, large: RefundRequest, vera: User, settings: Any) -> None:
        settings.DEMO = True
        vera.set_unusable_password()
        vera.save()
        client = Client()
        client.force_login(vera)
        make_stale(client)
        address = f"/requests/{large.reference}/approve/"

        asked = client.post(address, {"amount": "200.00", "rationale": WORDS})
        assert "I am Vera" in asked.content.decode()
        assert 'type="password"' not in asked.content.decode()

        client.post("/step-up/", {"next": address, "replay": "1", "amount": "200.00", "rationale": WORDS}, follow=True)
        assert as_stored(large).state == State.APPROVED
