"""Walk through the access table: who is asked about what, and by which method."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from django.urls import Resolver404, resolve
from django.utils.html import escape

from tests.harness.people import STORIES, settle

from .access_table import WHO, rows
from .addresses import patterns
from .asking import SPOKEN, WHY, answer_of, client_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpResponse
    from django.test import Client

    from .samples import Sample

Row = tuple[str, str, dict[str, int]]

TWINS: Final = {"milo": "mei", "luis": "lena", "vera": "viktor"}
"""Who holds the same role for the same team is asked only where the table tells the two apart."""

REFUSING: Final = frozenset({302, 401, 403, 404})

FILES: Final = frozenset(
    {"application/vnd.oai.openapi", "application/pdf", "application/zip", "image/webp", "image/png"}
)
"""What an answer may be beside text and JSON."""

LED_TO: Final = re.compile(r'(?:href|hx-get)="(/[^"#?]*)')
SHOWN: Final = 200
FORBIDDEN: Final = 403
REFUSED: Final = 422
SAYS_WHAT_IS_WRONG: Final = re.compile(
    r'aria-invalid="true"|data-errors|class="errornote"|<div class="verdict warn[^>]*>.*?<li>[^<]', re.DOTALL
)
FORMS: Final = re.compile(r'<form(?:(?! action=)[^>])*(?: action="([^"]*)")?[^>]*>(.*?)</form>', re.DOTALL)
TEXT_FIELDS: Final = re.compile(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', re.DOTALL)

ROUTES: Final = {name: route for name, route, _ in patterns()}
FORBIDS: Final = {name: told for method, name, told in rows() if method == "GET"}


def part_of(name: str) -> str:
    """Tell which part of the table an address belongs to; each part is walked by a file of its own."""
    space = name.partition(":")[0] if ":" in name else ""
    if space == "refunds":
        return "refunds"
    return "interfaces" if ROUTES[name].startswith(("api/", "mcp", "^")) else "others"


def rows_of(part: str) -> list[Row]:
    """List the rows of one part."""
    return [row for row in rows() if part_of(row[1]) == part]


def asked(told: dict[str, int]) -> dict[str, int]:
    """Leave out the twins that hear what the other hears."""
    return {who: status for who, status in told.items() if who not in TWINS or told[TWINS[who]] != status}


def one_of_each(told: dict[str, int]) -> dict[str, int]:
    """Keep everybody who is refused, and the first of those who hear the same otherwise."""
    known: set[int] = set()
    kept = {}
    for who, status in asked(told).items():
        if status in REFUSING or status not in known:
            kept[who] = status
        known.add(status)
    return kept


class Walk:
    """Somebody of every story with a browser, and the objects they ask for."""

    def __init__(self, sample: Sample, who: Iterable[str] = WHO) -> None:
        """Log everybody in."""
        self.sample = sample
        self.clients: dict[str, Client] = {name: client_of(settle(name) if name else None) for name in who}

    def faults(self, wanted: Iterable[Row]) -> list[str]:
        """Ask, and say each answer that is not the one told, or that is not what it says it is."""
        found = []
        for method, name, expected in wanted:
            for username, told in expected.items():
                answer = self.ask(username, method, name)
                asked = f"{method} {name} as {username or 'nobody logged in'}"
                if answer.status_code != told:
                    found.append(f"{asked}: {answer.status_code} instead of {told}")
                if misnamed(answer):
                    found.append(f"{asked}: is no {answer.headers.get('Content-Type')}")
                problems = [*barred(answer, username), *unexplained(answer)]
                found += [f"{asked}: {problem}" for problem in problems]
        return found

    def ask(self, username: str, method: str, name: str) -> HttpResponse:
        """Ask once."""
        return answer_of(self.clients[username], method, name, ROUTES[name], self.sample)

    def hear(self, username: str, method: str, name: str) -> int:
        """Ask once, for the status."""
        return self.ask(username, method, name).status_code


def barred(answer: HttpResponse, username: str) -> list[str]:
    """Say to which addresses a page leads this person although the table forbids them to her."""
    is_page = answer.status_code == SHOWN and answer.headers.get("Content-Type", "").startswith("text/html")
    # A machine opens no page, and those that anybody opens lead people to their own.
    if answer.streaming or not is_page or (username in STORIES and STORIES[username].is_service_account):
        return []
    named = {_name_of(path) for path in LED_TO.findall(answer.content.decode())}
    forbidden = sorted(name for name in named if FORBIDS.get(name, {}).get(username) == FORBIDDEN)
    return [f"leads to {name}, which is forbidden" for name in forbidden]


def unexplained(answer: HttpResponse) -> list[str]:
    """Tell what a page that refuses a form keeps to itself: which field, in which words, or what was typed."""
    # Without content it is a page that stands for one which was drawn before, see `plain_refusals`.
    if (
        answer.status_code != REFUSED
        or not answer.content
        or not answer.headers.get("Content-Type", "").startswith("text/html")
    ):
        return []
    text = answer.content.decode()
    silent = [] if SAYS_WHAT_IS_WRONG.search(text) else ["refuses and names no mistake"]
    path = answer.request["PATH_INFO"]  # type: ignore[attr-defined]  # set by the test client
    sent = " ".join(form for action, form in FORMS.findall(text) if action in {"", path})
    lost = [name for name, held in TEXT_FIELDS.findall(sent) if SPOKEN.get(name) == WHY and escape(WHY) not in held]
    return [*silent, *(f"has lost what was typed as {name}" for name in lost)]


def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def misnamed(answer: HttpResponse) -> bool:
    """Tell whether a body is not what its Content-Type says, or is a text that does not say its charset."""
    if answer.streaming or not answer.content:
        return False
    kind, _, more = answer.headers.get("Content-Type", "").partition(";")
    if kind.startswith("text/"):
        text = answer.content.decode("utf-8", "replace")
        return (
            more.strip().lower() != "charset=utf-8"
            or "\ufffd" in text
            or (kind == "text/html") != (text.lstrip()[:1] == "<")
        )
    if kind in {"application/json", "application/problem+json"}:
        return not _is_json(answer.content)
    return kind not in FILES


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def other_methods(name: str) -> Sequence[str]:
    """List the methods that the table does not give an address."""
    given = {method for method, row, _ in rows() if row == name}
    return [method for method in ("GET", "POST", "PUT", "DELETE", "TRACE") if method not in given]
