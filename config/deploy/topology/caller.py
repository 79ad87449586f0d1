"""One client of the portal through its proxy: keeps its connection and its cookies, and counts every answer."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import threading
import time
from collections import Counter
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .plan import HOST, SITE

if TYPE_CHECKING:
    from .plan import Plan

TIMEOUT_SECONDS = 120
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Tally:
    """What all clients heard. `failures` are answers nobody should get."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []
        self.renewed = 0
        self.seconds: list[float] = []
        self._lock = threading.Lock()

    def count(self, status: int, seconds: float, failure: str = "") -> None:
        """Count one answer."""
        with self._lock:
            self.answers[status] += 1
            self.seconds.append(seconds)
            if failure:
                self.failures.append(failure)

    def count_renewed(self) -> None:
        """Count a kept connection that the proxy had closed while nothing was asked on it."""
        with self._lock:
            self.renewed += 1


class Caller:
    """Speaks over one connection, as a browser or a shop's client does."""

    def __init__(self, plan: Plan, tally: Tally, *, token: str = "") -> None:
        self.tally = tally
        self.trust = ssl.create_default_context(cafile=str(plan.certificate))
        self.port = plan.base_port
        self.cookies: SimpleCookie = SimpleCookie()
        self.fixed = {"Host": SITE, "Accept-Encoding": "identity", "Referer": f"https://{SITE}/"}
        if token:
            self.fixed["Authorization"] = f"Bearer {token}"
        self.line: http.client.HTTPSConnection | None = None

    def get(self, path: str, *, expect: tuple[int, ...] = (200,)) -> tuple[int, str]:
        """Read a page."""
        return self.ask("GET", path, None, {}, expect)

    def post(self, path: str, body: Any, *, key: str, expect: tuple[int, ...]) -> tuple[int, str]:
        """Send JSON under a key: sent again, it is the same deed."""
        return self.ask(
            "POST", path, json.dumps(body), {"Content-Type": "application/json", "Idempotency-Key": key}, expect
        )

    def sign_in(self, username: str, password: str) -> bool:
        """Come in by the form, as a person does."""
        form = TOKEN.search(self.get("/login/")[1])
        words = {"login": username, "password": password, "csrfmiddlewaretoken": form[1] if form else ""}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask("POST", "/login/", urlencode(words), headers, (302,))
        return "__Host-sessionid" in self.cookies

    def ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str], expect: tuple[int, ...]
    ) -> tuple[int, str]:
        """Ask and count. A kept connection that was closed while idle is opened anew, as every client does."""
        headers = (
            self.fixed | headers | {"Cookie": "; ".join(f"{one.key}={one.value}" for one in self.cookies.values())}
        )
        began = time.monotonic()
        for is_kept in (self.line is not None, False):
            try:
                status, text = self._once(method, path, body, headers)
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError) as error:
                self.close()
                if is_kept:
                    self.tally.count_renewed()
                    continue
                status, text = 0, repr(error)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                status, text = 0, repr(error)
            break
        failure = "" if status in expect else f"{method} {path}: {status} {text[:300]}"
        self.tally.count(status, time.monotonic() - began, failure)
        return status, text

    def close(self) -> None:
        """Hang up."""
        if self.line is not None:
            self.line.close()
        self.line = None

    def _once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        if self.line is None:
            self.line = http.client.HTTPSConnection(HOST, self.port, timeout=TIMEOUT_SECONDS, context=self.trust)
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode(errors="replace")
        for said in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(said)
        return answer.status, text
