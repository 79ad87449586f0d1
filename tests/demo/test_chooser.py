"""The demo's front door."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from config.demo.people import PERSONAS, TEAMS, person, settle_people, settle_policies
from config.kernel.people import Team, User, team_ids_of
from evidence.models import LedgerEntry
from policies.models import ExceptionCode, Policy, PolicyVersion, ReasonCode
from policies.vocabulary import Mode
from tests.harness.founding import found
from tests.harness.world import NOON


@pytest.fixture
def people(db: None) -> None:
    found(lambda: settle_people(at=NOON), name="people of the demo")


class TestSettlePeople:
    """Everybody the demo promises."""

    def test_gives_nobody_a_password_and_nobody_the_keys_to_everything(self, people: None) -> None:
        everybody = User.objects.all()
        assert everybody.count() == len(PERSONAS) + 1
        assert not any(user.has_usable_password() or user.is_superuser for user in everybody)

    def test_lets_everybody_work_for_all_teams_but_asha_and_luis(self, people: None) -> None:
        every_team = set(Team.objects.values_list("pk", flat=True))
        narrow = {user.username for user in User.objects.all() if team_ids_of(user) != every_team}
        assert narrow == {"asha", "luis"}

    def test_gives_dana_five_hundred_in_every_currency(self, people: None) -> None:
        limits = person("dana").authority_limits.filter(category="refund").values_list("currency", "single_minor")
        assert set(limits) == {("GBP", 500_00), ("USD", 500_00), ("EUR", 500_00)}

    def test_changes_nothing_the_second_time(self, people: None) -> None:
        User.objects.filter(username="dana").update(last_name="Changed")
        settle_people(at=NOON)
        assert person("dana").last_name == "Changed"
        assert User.objects.count() == len(PERSONAS) + 1


class TestSettlePolicies:
    """What the demo's teams go by."""

    def test_puts_one_policy_in_force_for_each_team_by_two_people(self, people: None) -> None:
        settle_policies(at=NOON)
        settle_policies(at=NOON)
        versions = PolicyVersion.objects.filter(state="published")
        assert versions.count() == Policy.objects.count() == len(TEAMS)
        assert set(versions.values_list("author__username", "published_by__username")) == {("root", "mei")}

    def test_enforces_the_shops_and_only_watches_the_subscriptions(self, people: None) -> None:
        settle_policies(at=NOON)
        modes = {policy.team.slug: policy.mode_for("refund") for policy in Policy.objects.all()}
        assert modes == {"uk-retail": Mode.ENFORCE, "us-dtc": Mode.ENFORCE, "eu-saas": Mode.SHADOW}

    def test_loads_the_catalogues(self, people: None) -> None:
        settle_policies(at=NOON)
        assert ReasonCode.objects.count() == 13
        assert 10 <= ExceptionCode.objects.count() <= 30


class TestChooser:
    """The page without passwords."""

    def test_lists_everybody_with_what_waits_for_them(self, people: None, client: Client) -> None:
        page = client.get("/demo/").content.decode()
        for persona in PERSONAS:
            assert f"/demo/become/{persona.username}/" in page
        assert "0 to decide, 0 due in an hour" in page
        assert "/become/bot/" not in page

    def test_is_the_front_door_of_the_demo(self, people: None, client: Client) -> None:
        assert client.get("/").headers["Location"] == "/demo/?next=/"

    def test_says_what_to_do_when_nobody_is_there(self, db: None, client: Client) -> None:
        page = client.get("/demo/")
        assert page.status_code == 200
        assert "load_demo" in page.content.decode()

    def test_logs_in_and_puts_that_on_record(self, people: None, client: Client) -> None:
        answer = client.post("/demo/become/dana/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert client.session["_auth_user_id"] == str(person("dana").pk)
        entry = LedgerEntry.objects.get(kind="demo.became")
        assert entry.machine == "demo"
        assert "become dana" in entry.sentence

    def test_switches_from_one_to_another(self, people: None, client: Client) -> None:
        client.post("/demo/become/dana/")
        client.post("/demo/become/mei/")
        assert client.session["_auth_user_id"] == str(person("mei").pk)

    @pytest.mark.parametrize("username", ["nobody", "bot", "zeus"])
    def test_knows_only_its_own_people(self, people: None, client: Client, username: str) -> None:
        User.objects.get_or_create(username="zeus", is_superuser=True)
        assert client.post(f"/demo/become/{username}/").status_code == 404
        assert "_auth_user_id" not in client.session

    def test_is_a_post_with_a_token(self, people: None) -> None:
        careful = Client(enforce_csrf_checks=True)
        assert careful.get("/demo/become/dana/").status_code == 405
        assert careful.post("/demo/become/dana/").status_code == 403
        assert "_auth_user_id" not in careful.session

    def test_obeys_the_content_security_policy(self, people: None, client: Client) -> None:
        answer = client.get("/demo/")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert " style=" not in answer.content.decode()


class TestIssueToken:
    """A token from the shell."""

    def test_opens_the_api_and_is_printed_alone(self, people: None, client: Client) -> None:
        said = StringIO()
        call_command("issue_token", "dana", stdout=said)
        (token,) = said.getvalue().splitlines()
        answer = client.get("/api/v1/approvals", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "words", [("nobody",), ("dana", "--days", "0"), ("dana", "--days", "999"), ("dana", "--step-up", "61")]
    )
    def test_is_refused_with_a_sentence(self, people: None, words: tuple[str, ...]) -> None:
        with pytest.raises(CommandError):
            call_command("issue_token", *words)
