"""The application a WSGI server serves."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";]*)"?', re.IGNORECASE)


def without_odd_charset(application: WSGIApplication) -> WSGIApplication:
    """Take a charset that names no encoding of text (hex, rot13) out of the request before Django reads it.

    Django looks it up while it makes the request, before any middleware, and the caller would hear 500.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = CHARSET.search(environ.get("CONTENT_TYPE", ""))
        if named is not None and not _is_text_encoding(named[1].strip()):
            environ["CONTENT_TYPE"] = CHARSET.sub("", environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return answer


def _is_text_encoding(name: str) -> bool:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        return False
    return True


application = without_odd_charset(get_wsgi_application())
