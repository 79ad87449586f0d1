"""What htmx gets: one fragment with one root whose id is its name; and every page carries the same strict policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.template.loader import get_template

from tests.harness.people import settle

from .asking import client_of
from .samples import Sample

if TYPE_CHECKING:
    from tests.harness.world import World

TEMPLATES = Path(settings.BASE_DIR) / "templates"
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp-reports",
}
HTMX = {"HX-Request": "true"}


class Roots(HTMLParser):
    """Reads the outermost elements of a fragment, and their ids; those swapped out of band are extras."""

    def __init__(self, html: str) -> None:
        """Read it all."""
        super().__init__()
        self._depth = 0
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an outermost element."""
        named = dict(attrs)
        if self._depth == 0 and "hx-swap-oob" not in named and tag != "title":
            self.ids.append(named.get("id") or f"<{tag}>")
        if tag not in VOID:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        """Come out of an element."""
        if tag not in VOID:
            self._depth -= 1


def addresses(sample: Sample) -> dict[str, tuple[str, str]]:
    """Name each page that answers htmx, who opens it, and the fragment it gives."""
    waiting = sample.waiting.reference
    return {
        "/queue/": ("dana", "list"),
        "/queue/?view=all": ("dana", "list"),
        "/requests/": ("amir", "list"),
        f"/requests/{waiting}/panel/": ("dana", "panel"),
        f"/requests/{sample.exception.reference}/panel/": ("mei", "panel"),
        "/exceptions/": ("mei", "list"),
        "/search/?q=lamp": ("amir", "hits"),
        "/search/palette/?q=lamp": ("amir", "choices"),
        "/intake/?q=lamp": ("amir", "found"),
        "/outbox/": ("amir", "letters"),
        "/notices/": ("dana", "told"),
        "/reconciliation/": ("lena", "books"),
        "/books/": ("lena", "journal"),
        f"/reconciliation/statements/{sample.statement.pk}/": ("lena", "lines"),
        f"/reconciliation/lines/{sample.line.pk}/": ("lena", "panel"),
        f"/reconciliation/statements/{sample.statement.pk}/progress/": ("lena", "progress"),
    }


@pytest.mark.django_db
class TestAFragment:
    def test_has_one_root_named_like_itself(self, world: World) -> None:
        sample = Sample(world, world.team(), settle("amir"))

        for address, (username, name) in addresses(sample).items():
            answer = client_of(settle(username)).get(address, headers=HTMX)
            html = answer.content.decode()
            assert answer.status_code == 200, address
            assert "<html" not in html, address
            assert Roots(html).ids == [name], address
            assert "HX-Request" in answer.headers["Vary"], address

    def test_is_the_whole_page_when_the_back_button_asks(self, world: World) -> None:
        sample = Sample(world, world.team(), settle("amir"))

        for address, (username, _) in addresses(sample).items():
            if address.endswith("/progress/"):
                continue
            headers = {**HTMX, "HX-History-Restore-Request": "true"}
            assert "<html" in client_of(settle(username)).get(address, headers=headers).content.decode(), address

    def test_that_a_template_names_can_be_loaded_alone(self) -> None:
        for template, name in _partials():
            assert callable(get_template(f"{template}#{name}").render)


@pytest.mark.django_db
class TestEveryPage:
    def test_carries_the_same_strict_policy(self, world: World) -> None:
        sample = Sample(world, world.team(), settle("amir"))
        zeus = client_of(settle("zeus"))
        pages = [
            *addresses(sample),
            "/",
            "/login/",
            "/intake/shop-uk/" + sample.order.external_id + "/",
            f"/requests/{sample.waiting.reference}/",
            "/processing/",
            "/insight/",
            "/admin/",
            "/nothing-here/",
            "/api/v1/refund-requests",
            "/api/docs/",
            "/healthz",
        ]

        for address in pages:
            told = zeus.get(address).headers.get("Content-Security-Policy", "")
            directives = dict(part.strip().split(" ", 1) for part in told.split(";") if part.strip())
            assert "unsafe" not in told, address
            assert address == "/api/docs/" or directives == POLICY, address

    def test_has_no_style_or_script_in_its_markup(self) -> None:
        # A component may take an attribute called style; it chooses a form of words, and no browser sees it.
        inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|<(?!c-)\w[^>]*\s(?:style|on[a-z]+)=", re.IGNORECASE)
        found = [
            f"{file.relative_to(TEMPLATES)}: {hit.group()}"
            for file in sorted(TEMPLATES.rglob("*.html"))
            for hit in inline.finditer(file.read_text())
        ]

        assert found == []


def _partials() -> list[tuple[str, str]]:
    return [
        (str(file.relative_to(TEMPLATES)), name)
        for file in sorted(TEMPLATES.rglob("*.html"))
        for name in re.findall(r"{%\s*partialdef\s+([\w-]+)", file.read_text())
    ]
