"""Who calls: the bearer of a token, found by its hash and no faster than agreed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework import exceptions
from rest_framework.throttling import UserRateThrottle

from .pace import seconds_to_wait
from .refusals import NotPermitted
from .service_accounts import account_of
from .tokens import ApiToken

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from .people import User

USE_IS_NOTED_EVERY = timedelta(minutes=1)


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox carries no types
    """Find the caller by the hash of the token: one query, whatever bytes came."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Answer the caller and the token.

        :raises AuthenticationFailed: for an unknown, expired or disabled one
        :raises NotPermitted: `quarantined`
        """
        now = timezone.now()
        digest = hash_token(token.decode("ascii", "replace"))
        found = ApiToken.objects.select_related("user__service_account").filter(digest=digest).first()
        if found is None or (found.expiry is not None and found.expiry <= now) or not found.user.is_active:
            raise exceptions.AuthenticationFailed("This token is unknown or no longer valid.")
        account = account_of(found.user)
        if account is not None and account.quarantined_at is not None:
            raise NotPermitted("quarantined", f"{account} is quarantined. Whoever answers for it knows why.")
        if found.last_used_at is None or now - found.last_used_at > USE_IS_NOTED_EVERY:
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        return cast("User", found.user), found


class SpeedOfToken(UserRateThrottle):
    """How often one token may call, or all tokens of a service account that has its own pace.

    A person at a browser counts as one. The count is the database's, so that every web process knows it.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Let the call through, or tell how long to wait."""
        account = account_of(request.user)
        if account is not None and account.calls_per_minute is not None:
            self.num_requests, self.duration = account.calls_per_minute, 60
        caller = self.get_cache_key(request, view)
        if caller is None:
            return True
        self._seconds = seconds_to_wait(caller=caller, most=self.num_requests, window=timedelta(seconds=self.duration))
        return self._seconds is None

    def wait(self) -> float | None:
        """Tell how long: what `Retry-After` says, rounded up to the second."""
        return self._seconds

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Count by account where it has its own pace, else by token where there is one."""
        account = account_of(request.user)
        if account is not None and account.calls_per_minute is not None:
            return self.cache_format % {"scope": self.scope, "ident": f"account-{account.pk}"}
        if isinstance(request.auth, ApiToken):
            return self.cache_format % {"scope": self.scope, "ident": f"token-{request.auth.digest[:32]}"}
        return super().get_cache_key(request, view)
