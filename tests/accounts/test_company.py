"""The company's own sign-in: a real provider on loopback that says who somebody is."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from approvals.services.roles import subject_of
from config.kernel.people import User
from evidence.ledger import timeline_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


class Provider(ThreadingHTTPServer):
    """Vouches for whoever `claims` names."""

    claims: dict[str, Any]
    asked: list[dict[str, list[str]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        if self.path.startswith("/.well-known/"):
            url = self.server.url
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
            told = {name: f"{url}{path}" for name, path in ends.items()}
            self._tell({**told, "issuer": url, "userinfo_endpoint": f"{url}/userinfo"})
        else:
            self._tell(self.server.claims)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(parse_qs(body))
        now = int(time.time())
        claims = {**self.server.claims, "iss": self.server.url, "aud": "redress", "iat": now, "exp": now + 60}
        token = jwt.encode(claims, "of no account: it comes straight from the provider", algorithm="HS256")
        self._tell({"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    def _tell(self, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    """A provider that the portal knows."""
    server = Provider(("127.0.0.1", 0), Answers)
    server.asked = []
    server.claims = {"sub": "u-1", "email": "amir@example.com", "email_verified": True}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "company",
        "name": "Company",
        "client_id": "redress",
        "secret": "between us",
        "settings": {"server_url": server.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def amir() -> User:
    user = settle("amir")
    user.email = "Amir@Example.com"
    user.save()
    return user


def come_in(client: Client, **changes: str) -> Any:
    led = client.post("/login/with/company/", {"next": "/settings/"})
    asked = parse_qs(urlsplit(led.headers["Location"]).query)
    return client.get("/login/with/company/callback/", {"code": "one", "state": asked["state"][0], **changes})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


class TestTheCompanysSignIn:
    def test_lets_in_who_has_the_vouched_address(self, provider: Provider, amir: User) -> None:
        client = Client()
        answer = come_in(client)

        assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/")
        assert client.session["_auth_user_id"] == str(amir.pk)
        assert provider.asked[0]["code_verifier"][0]
        assert timeline_of(subject_of(amir)).get().kind == "person.means_changed"

    def test_knows_her_by_her_number_afterwards(self, provider: Provider, amir: User) -> None:
        come_in(Client())
        provider.claims = {"sub": "u-1", "email": "amir.new@example.com", "email_verified": True}
        client = Client()
        come_in(client)

        assert is_in(client)
        assert SocialAccount.objects.count() == 1

    @pytest.mark.parametrize(
        "claims",
        [
            {"email_verified": False},
            {"email": "stranger@example.com"},
            {"email": ""},
        ],
    )
    def test_lets_in_nobody_it_does_not_vouch_for(self, provider: Provider, amir: User, claims: dict[str, Any]) -> None:
        provider.claims = {**provider.claims, **claims}
        client = Client()
        people = User.objects.count()
        answer = come_in(client)

        assert answer.status_code == 403
        assert "vouches for" in answer.content.decode()
        assert not is_in(client)
        assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_service_account": True}])
    def test_lets_in_nobody_who_may_not_come_in(self, provider: Provider, amir: User, change: dict[str, bool]) -> None:
        User.objects.filter(pk=amir.pk).update(**change)
        client = Client()
        come_in(client)

        assert not is_in(client)

    def test_lets_in_nobody_switched_off_later(self, provider: Provider, amir: User) -> None:
        come_in(Client())
        User.objects.filter(pk=amir.pk).update(is_active=False)
        client = Client()
        come_in(client)

        assert not is_in(client)

    def test_chooses_between_no_two(self, provider: Provider, amir: User) -> None:
        User.objects.create_user("amira", email="amir@example.com")
        client = Client()

        assert "Several people" in come_in(client).content.decode()
        assert not is_in(client)

    def test_wants_the_state_it_gave(self, provider: Provider, amir: User) -> None:
        client = Client()
        come_in(client, state="made up")

        assert not is_in(client)

    def test_connects_nothing_to_whoever_is_in(self, provider: Provider, amir: User) -> None:
        client = Client()
        client.force_login(settle("sam"))
        led = client.post("/login/with/company/?process=connect")
        asked = parse_qs(urlsplit(led.headers["Location"]).query)
        answer = client.get("/login/with/company/callback/", {"code": "one", "state": asked["state"][0]})

        assert answer.status_code == 403
        assert not SocialAccount.objects.exists()

    @pytest.mark.parametrize("is_enough", [True, False])
    def test_is_two_things_where_the_company_says_so(
        self, provider: Provider, settings: Settings, *, is_enough: bool
    ) -> None:
        settings.SECOND_FACTOR_WANTED = True
        settings.OIDC_IS_SECOND_FACTOR = is_enough
        dana = settle("dana")
        dana.email = "amir@example.com"
        dana.save()
        client = Client()
        come_in(client)

        assert client.get("/queue/").status_code == (200 if is_enough else 302)

    def test_is_nowhere_where_there_is_none(self, amir: User) -> None:
        assert Client().post("/login/with/company/").status_code == 404
