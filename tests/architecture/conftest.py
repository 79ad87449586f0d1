"""What a walk through thousands of answers leaves out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.template.base import Template
from django.test.utils import _TestState

from config.kernel import web
from refunds.views import verbs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

REFUSED = 400


@pytest.fixture
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave out what says nothing about access.

    That is log lines, the test client's copies of contexts, and drawing one refusal
    again and again. The pages of people who are let in are drawn in full, for each of them.
    """
    draw, drawn = web.render_page, set()

    def answer(request: HttpRequest, template: str, *args: Any, status: int = 200, **options: Any) -> HttpResponse:
        if status >= REFUSED and (template, status) in drawn:
            return HttpResponse(status=status)
        drawn.add((template, status))
        return draw(request, template, *args, status=status, **options)

    monkeypatch.setattr(web, "render_page", answer)
    monkeypatch.setattr(verbs, "render_page", answer)
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)  # type: ignore[attr-defined]
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)
