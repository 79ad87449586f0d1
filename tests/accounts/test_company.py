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
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from approvals.services.roles import subject_of
from config.environment import is_encrypted
from config.kernel.people import User
from evidence.ledger import timeline_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


KEY, OTHER_KEY = generate_private_key(65537, 2048), generate_private_key(65537, 2048)


class Provider(ThreadingHTTPServer):
    """Vouches for whoever `claims` names."""

    claims: dict[str, Any]
    issuer: str
    nonce: str
    key: RSAPrivateKey
    signs_with: RSAPrivateKey
    leads: str
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
            self._tell({**told, "issuer": self.server.issuer or url, "userinfo_endpoint": f"{url}/userinfo"})
        elif self.path == "/jwks":
            key = json.loads(RSAAlgorithm.to_jwk(self.server.key.public_key()))
            self._tell({"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]})
        elif self.path == "/userinfo" and self.server.leads:
            self.send_response(302)
            self.send_header("Location", self.server.leads)
            self.end_headers()
        else:
            self._tell(self.server.claims)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(parse_qs(body))
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": "redress", "iat": now, "exp": now + 60, "nonce": self.server.nonce}
        claims |= self.server.claims
        token = jwt.encode(claims, self.server.signs_with, algorithm="RS256", headers={"kid": "one"})
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
    server.asked, server.issuer, server.nonce, server.leads = [], "", "", ""
    server.key = server.signs_with = KEY
    server.claims = {"sub": "u-1", "email": "amir@example.com", "email_verified": True}
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
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


def come_in(client: Client, provider: Provider, **changes: str) -> Any:
    led = client.post("/login/with/company/", {"next": "/settings/"})
    asked = parse_qs(urlsplit(led.headers["Location"]).query)
    provider.nonce = asked["nonce"][0]
    return client.get("/login/with/company/callback/", {"code": "one", "state": asked["state"][0], **changes})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


class TestTheCompanysSignIn:
    def test_lets_in_who_has_the_vouched_address(self, provider: Provider, amir: User) -> None:
        client = Client()
        answer = come_in(client, provider)

        assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/")
        assert client.session["_auth_user_id"] == str(amir.pk)
        assert provider.asked[0]["code_verifier"][0]
        assert timeline_of(subject_of(amir)).get().kind == "person.means_changed"

    def test_keeps_nothing_of_the_companys_tokens(self, provider: Provider, amir: User) -> None:
        client = Client()
        come_in(client, provider)

        assert not SocialToken.objects.exists()
        kept = json.dumps([dict(client.session.items()), SocialAccount.objects.get().extra_data], default=str)
        assert "opaque" not in kept
        assert "eyJ" not in kept

    def test_knows_her_by_her_number_afterwards(self, provider: Provider, amir: User) -> None:
        come_in(Client(), provider)
        provider.claims = {"sub": "u-1", "email": "amir.new@example.com", "email_verified": True}
        client = Client()
        come_in(client, provider)

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
        answer = come_in(client, provider)

        assert answer.status_code == 403
        assert "vouches for" in answer.content.decode()
        assert not is_in(client)
        assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_service_account": True}])
    def test_lets_in_nobody_who_may_not_come_in(self, provider: Provider, amir: User, change: dict[str, bool]) -> None:
        User.objects.filter(pk=amir.pk).update(**change)
        client = Client()
        come_in(client, provider)

        assert not is_in(client)

    def test_lets_in_nobody_switched_off_later(self, provider: Provider, amir: User) -> None:
        come_in(Client(), provider)
        User.objects.filter(pk=amir.pk).update(is_active=False)
        client = Client()
        come_in(client, provider)

        assert not is_in(client)

    def test_chooses_between_no_two(self, provider: Provider, amir: User) -> None:
        User.objects.create_user("amira", email="amir@example.com")
        client = Client()

        assert "Several people" in come_in(client, provider).content.decode()
        assert not is_in(client)

    def test_wants_the_state_it_gave(self, provider: Provider, amir: User) -> None:
        client = Client()
        come_in(client, provider, state="made up")

        assert not is_in(client)

    def test_connects_nothing_to_whoever_is_in(self, provider: Provider, amir: User) -> None:
        client = Client()
        client.force_login(settle("sam"))
        led = client.post("/login/with/company/?process=connect")
        asked = parse_qs(urlsplit(led.headers["Location"]).query)
        answer = client.get("/login/with/company/callback/", {"code": "one", "state": asked["state"][0]})

        assert answer.status_code == 403
        assert not SocialAccount.objects.exists()

    @pytest.mark.parametrize(
        ("claims", "is_believed", "status"),
        [
            ({"amr": ["pwd", "mfa"]}, True, 200),
            ({"acr": "mfa"}, True, 200),
            ({"amr": ["pwd", "mfa"]}, False, 302),
            ({"amr": ["pwd"]}, True, 302),
            ({"amr": "mfa"}, True, 302),
            ({}, True, 302),
        ],
    )
    def test_is_two_things_where_the_company_says_so(
        self, provider: Provider, settings: Settings, claims: dict[str, Any], *, is_believed: bool, status: int
    ) -> None:
        settings.SECOND_FACTOR_WANTED = True
        settings.OIDC_IS_SECOND_FACTOR = is_believed
        provider.claims = {**provider.claims, **claims}
        dana = settle("dana")
        dana.email = "amir@example.com"
        dana.save()
        client = Client()
        come_in(client, provider)

        assert client.get("/queue/").status_code == status

    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "of another question"},
            {"nonce": ""},
            {"iss": "https://evil.example"},
            {"aud": "somebody else"},
            {"azp": "somebody else"},
            {"exp": 1},
        ],
    )
    def test_believes_no_answer_to_another_question(
        self, provider: Provider, amir: User, claims: dict[str, Any]
    ) -> None:
        provider.claims = {**provider.claims, **claims}
        client = Client()
        answer = come_in(client, provider)

        assert answer.status_code in {401, 403}
        assert not is_in(client)

    def test_wants_the_providers_own_signature(self, provider: Provider, amir: User) -> None:
        provider.signs_with = OTHER_KEY
        client = Client()
        come_in(client, provider)

        assert not is_in(client)
        assert not SocialAccount.objects.exists()

    def test_is_the_configured_provider_and_no_other(self, provider: Provider, amir: User) -> None:
        provider.issuer = "https://evil.example"
        answer = Client().post("/login/with/company/")

        assert answer.status_code == 401

    def test_follows_the_provider_nowhere_else(self, provider: Provider, amir: User) -> None:
        provider.leads = f"{provider.url}/elsewhere"
        client = Client()
        come_in(client, provider)

        assert not is_in(client)

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("https://id.example/token", True),
            ("http://id.example/token", False),
            ("http://127.0.0.1:9/token", True),
            ("ftp://127.0.0.1/token", False),
            ("", False),
        ],
    )
    def test_is_asked_by_encrypted_ways_alone(self, address: str, *, expected: bool) -> None:
        assert is_encrypted(address) is expected

    def test_is_nowhere_where_there_is_none(self, amir: User) -> None:
        assert Client().post("/login/with/company/").status_code == 404
