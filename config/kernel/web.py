"""Pages and fragments: what htmx asked for, how a refusal looks, who may open a page."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from .refusals import NotPermitted, OutOfDate, Reason, Refused
from .wording import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_htmx.middleware import HtmxDetails

    from .people import User

P = ParamSpec("P")

UNPROCESSABLE = 422
CONFLICT = 409
FORBIDDEN = 403

NUL = "\x00"
LAST_DAY = date(9998, 12, 31)
"""The day after the last one a calendar knows cannot be reckoned with."""

LARGEST_NUMBER = 2**63 - 1
"""The end of a 64-bit column."""


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
    htmx: HtmxDetails


def asks_for_fragment(request: HttpRequest) -> bool:
    """Tell whether htmx wants a part of the page; a history restore wants all of it."""
    htmx = cast("PersonRequest", request).htmx
    return bool(htmx) and not htmx.history_restore_request and not htmx.boosted


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, or only its partial `fragment` when htmx asked for one."""
    name = f"{template}#{fragment}" if fragment and asks_for_fragment(request) else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    # Read where refusals are kept.
    response.refusal_code = getattr(context.get("refusal"), "code", "")  # type: ignore[attr-defined]
    return response


def page(
    *permissions: str, refusal_template: str = "refused.html"
) -> Callable[
    [Callable[Concatenate[PersonRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Open a page to people who hold any of `permissions` (to everybody logged in when none is named).

    A service account never opens a page. A refusal that the view does not answer itself becomes a page with the
    sentence on it: 403 for the unentitled, 409 for the stale, 422 for the refused.
    """

    def decorate(
        view: Callable[Concatenate[PersonRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = cast("PersonRequest", request)
            if any(isinstance(part, str) and NUL in part for part in kwargs.values()):
                raise Http404  # PostgreSQL stores no NUL, so nothing is called that
            try:
                check_may_open(person.user, permissions)
                check_can_be_stored(person)
                response = view(person, *args, **kwargs)
            except (Refused, NotPermitted, OutOfDate) as no:
                response = render_page(
                    request,
                    refusal_template,
                    {"refusal": no, "title": title_of(no)},
                    fragment="refusal",
                    status=status_of(no),
                )
            response.headers.setdefault("Cache-Control", "no-store, private")
            return response

        opened.permissions_asked = permissions  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(opened))

    return decorate


def check_may_open(user: User, permissions: tuple[str, ...]) -> None:
    """Refuse a page to service accounts and to people without any of its permissions.

    :raises NotPermitted: naming the permission that is missing
    """
    if user.is_service_account:
        raise NotPermitted("not_permitted", said("Service accounts use the API; pages are for people."))
    if permissions and not any(user.has_perm(permission) for permission in permissions):
        raise NotPermitted(
            "not_permitted",
            said(
                "This page needs the right “{right}”. An administrator grants it with a role.",
                right=permissions[0],
            ),
        )


def check_can_be_stored(request: HttpRequest) -> None:
    """Refuse what was typed when it holds a NUL character: no text column keeps it.

    :raises Refused: naming each field
    """
    typed = [request.GET] if request.method in {"GET", "HEAD"} else [request.GET, request.POST]
    faulty = sorted({name for query in typed for name, values in query.lists() if NUL in name + "".join(values)})
    if faulty:
        raise Refused.of(
            Reason("invalid", said("This holds a character that cannot be stored."), name) for name in faulty
        )


def status_of(no: Refused | NotPermitted | OutOfDate) -> int:
    """Say a refusal in HTTP."""
    if isinstance(no, NotPermitted):
        return FORBIDDEN
    return CONFLICT if isinstance(no, OutOfDate) else UNPROCESSABLE


def title_of(no: Refused | NotPermitted | OutOfDate) -> str:
    """Name a refusal in a headline."""
    if isinstance(no, NotPermitted):
        return said("You may not do this")
    return said("Somebody was faster") if isinstance(no, OutOfDate) else said("This could not be done")


def is_ours(request: HttpRequest, address: str) -> bool:
    """Tell whether an address that came with a form leads to a page of this portal.

    A bare word does not: `redirect` would take it for the name of a view, and there is none.
    """
    hosts = {request.get_host()}
    return address.startswith(("/", "http://", "https://")) and url_has_allowed_host_and_scheme(
        address, allowed_hosts=hosts, require_https=request.is_secure()
    )


def or_404(found: Any, what: str) -> Any:
    """Hand back what was found, or answer 404 as to any stranger."""
    if found is None:
        raise Http404(what)
    return found


def moment_in(text: str) -> datetime | None:
    """Read an aware moment from an address that can be reckoned with; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Neither of the outermost years leaves room for another zone, or for a day before or after.
    return moment if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR else None


def day_in(text: str) -> date | None:
    """Read a day from an address; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= LAST_DAY else None


def number_in(text: str) -> int | None:
    """Read a whole number that a column could hold from an address; None for anything else."""
    if not text.isdecimal() or len(text) > len(str(LARGEST_NUMBER)):
        return None
    return min(int(text), LARGEST_NUMBER)


def uuid_in(text: str) -> UUID | None:
    """Read a UUID from an address; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
