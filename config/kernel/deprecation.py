"""Saying goodbye to an operation: since when it is discouraged, when it is gone, and what to call instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.http import http_date

if TYPE_CHECKING:
    from datetime import datetime

    from django.http.response import HttpResponseBase


NOTICE = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """One operation on its way out; `more` is where people read what to do, `successor` what is called instead."""

    since: datetime
    gone_at: datetime
    more: str
    successor: str = ""

    def __post_init__(self) -> None:
        """Refuse a goodbye that leaves programs too little time.

        :raises ValueError: when it is gone sooner than promised
        """
        if self.gone_at - self.since < NOTICE:
            message = f"An operation is deprecated for {NOTICE.days} days before it is gone."
            raise ValueError(message)

    def say_in(self, response: HttpResponseBase) -> None:
        """Write `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the links of both."""
        links = [f'<{self.more}>; rel="{word}"; type="text/html"' for word in ("deprecation", "sunset")]
        if self.successor:
            links.append(f'<{self.successor}>; rel="successor-version"')
        response.headers["Deprecation"] = f"@{int(self.since.timestamp())}"
        response.headers["Sunset"] = http_date(self.gone_at.timestamp())
        response.headers["Link"] = ", ".join(links)
