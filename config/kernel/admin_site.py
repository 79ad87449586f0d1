"""The admin site: staff only, through the portal's own login."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .refusals import NotPermitted, Refused
from .web import NUL, check_can_be_stored, render_page, status_of, title_of
from .wording import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

V = TypeVar("V", bound="Callable[..., HttpResponseBase]")

STAFF_ONLY = said("These pages are for people who set Redress up. An administrator opens them to you.")


class SetupSite(AdminSite):
    """Policies, codes, people and limits; everything else is only shown here."""

    site_title = "Redress"
    site_header = "Redress"
    index_title = "Setup"
    # The frame has its own way back to the portal.
    site_url = None

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in; a service account opens no page."""
        return super().has_permission(request) and not getattr(request.user, "is_service_account", False)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002 - Django's
        """Send strangers to the portal's login, and everybody who is in to the first page."""
        asked = request.GET.get(REDIRECT_FIELD_NAME, "")
        is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
        goal = asked if is_ours else reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            return HttpResponseRedirect(goal)
        return redirect_to_login(goal)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002 - Django's
        """Sign out by the portal's own door: Django's would put nothing on record and leave pages in the browser."""
        return resolve(reverse("logout")).func(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002 - Django's
        """Lead to the portal's own page: there wrong tries are counted and the change is put on record."""
        return HttpResponseRedirect(reverse("account:change_password"))

    def admin_view(self, view: V, cacheable: bool = False) -> V:  # noqa: FBT001, FBT002 - Django's signature
        """Tell people who are logged in and not staff so, and look for nothing that no column can hold."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                no = NotPermitted("not_permitted", STAFF_ONLY)
                return render_page(
                    request, "refused.html", {"refusal": no, "title": title_of(no)}, status=status_of(no)
                )
            if any(isinstance(part, str) and NUL in part for part in (*args, *kwargs.values())):
                raise Http404
            try:
                _check_filters(request)
            except Refused as no:
                return render_page(
                    request, "refused.html", {"refusal": no, "title": title_of(no)}, status=status_of(no)
                )
            return guarded(request, *args, **kwargs)

        return cast("V", opened)


def _check_filters(request: HttpRequest) -> None:
    """Want of a list's address that a column could hold what it looks for; forms and our own pages ask this themselves.

    :raises Refused: naming each filter
    """
    found = request.resolver_match
    if found is not None and str(found.url_name).endswith("_changelist"):
        check_can_be_stored(request)
