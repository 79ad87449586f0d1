"""What we believe of the company's provider: the configured one, by encrypted ways, with its signature under it."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404
from requests import RequestException

from config.environment import is_encrypted

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of a key that the provider alone holds; not `none`, and no secret shared with us."""

ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
CLOCKS_DIFFER_SECONDS: Final = 60
WELL_KNOWN: Final = "/.well-known/"


class Door(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # ships without types
    """The library's way to a provider, which believes less."""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """Read where the provider does what. :raises OAuth2Error: when it is another one, or in the clear"""
        provider = self.get_provider()
        config = _told(provider.server_url)
        wanted = str(provider.app.settings["server_url"]).partition(WELL_KNOWN)[0].rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            message = f"the provider calls itself {config.get('issuer')!r}, not {wanted!r}"
            raise OAuth2Error(message)
        for name in ENDPOINTS:
            if not is_encrypted(str(config.get(name, ""))):
                message = f"{name} of the provider is missing or in the clear"
                raise OAuth2Error(message)
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Read whom the provider vouches for. :raises OAuth2Error: for a wrong signature, issuer, audience or time"""
        try:
            header = jwt.get_unverified_header(id_token)
            keys = jwt.PyJWKSet.from_dict(_told(self.openid_config["jwks_uri"])).keys
            fitting = [key for key in keys if key.key_id == header.get("kid")]
            if header.get("alg") not in ALGORITHMS or len(fitting) != 1:
                message = "the provider's token is signed with no key of its own"
                raise OAuth2Error(message)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=fitting[0],
                algorithms=[header["alg"]],
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_DIFFER_SECONDS,
                options={"require": ["iss", "aud", "sub", "exp", "iat"]},
            )
        except jwt.PyJWTError as no:
            message = f"the provider's token is not right: {no}"
            raise OAuth2Error(message) from no
        if claims.get("azp", app.client_id) != app.client_id:
            message = "the provider's token is for somebody else"
            raise OAuth2Error(message)
        return claims


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # ships without types
    """The library's provider, asked for what we say and not for what the address says."""

    oauth2_adapter_class = Door

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Ask with a number used once, kept with the state; the answer has to bring it back."""
        nonce = secrets.token_urlsafe(24)
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        return {**kwargs, "scope": self.get_scope(), "auth_params": {"nonce": nonce}, "nonce": nonce}


def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the company's sign-in."""
    return _led(OAuth2LoginView, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Come back from it."""
    return _led(OAuth2CallbackView, request, provider_id)


def _led(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    door = Door(request, provider_id)
    answer: HttpResponseBase
    try:
        answer = view.adapter_view(door)(request)
    except SocialApp.DoesNotExist as no:
        raise Http404 from no
    except OAuth2Error as no:
        answer = render_authentication_error(request, door.get_provider(), exception=no)
    return answer


def _told(url: str) -> dict[str, Any]:
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url)
            answer.raise_for_status()
            told = answer.json()
    except RequestException as no:
        message = "the provider does not answer"
        raise OAuth2Error(message) from no
    if not isinstance(told, dict):
        message = "the provider's answer cannot be read"
        raise OAuth2Error(message)
    return told
