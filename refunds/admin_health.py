"""What admin pages of another system share: a page about its health, and verbs of their own."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.kernel.admin_pages import PortalAdmin, person_of, refused_page
from config.kernel.asking_again import ask_before_secrets
from config.kernel.refusals import NotPermitted, Refused

from .outgoing.entitlement import check_may

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.forms import Form, ModelForm
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from config.kernel.people import User

Outside = TypeVar("Outside", bound=Model)


class HealthAdmin(PortalAdmin[Outside]):
    """Has a `health` page, and a method for each of its `verbs`, which are only ever posted."""

    verbs: ClassVar[tuple[str, ...]] = ()

    def get_form(
        self,
        request: HttpRequest,
        obj: Outside | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> Any:
        """Tell the form who types."""
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"actor": person_of(request)})

    def get_urls(self) -> list[URLPattern]:
        """Give the health page and each verb an address."""
        prefix = f"refunds_{self.opts.model_name}"
        own = [path("<uuid:pk>/health/", self._open(self.health), name=f"{prefix}_health")]
        own += [
            path(f"<uuid:pk>/{verb}/", self._open(require_POST(self._entitled(verb))), name=f"{prefix}_{verb}")
            for verb in self.verbs
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask whoever may write who she is, before she types a secret."""
        may_write = self.has_add_permission(request) if object_id is None else self.has_change_permission(request)
        asked = ask_before_secrets(request) if may_write else None
        return super().changeform_view(request, object_id, form_url, extra_context) if asked is None else asked

    def save_model(
        self,
        request: HttpRequest,
        obj: Outside,
        form: ModelForm[Outside],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save through the commands, which check and record it; what is shown once waits on the object."""
        wish, person, at = cast("Any", form).wish, person_of(request), timezone.now()
        if change:
            self.change_outside(obj, wish, person, at)
        else:
            obj.pk, obj.shown_once = self.add_outside(wish, person, at)  # type: ignore[attr-defined]  # for the answer

    def response_add(self, request: HttpRequest, obj: Outside, post_url_continue: str | None = None) -> Any:  # noqa: ARG002 - Django's
        """Show the secret in the answer itself: nothing that would carry it to a next page forgets it again."""
        return self.show_once(request, obj, obj.shown_once)  # type: ignore[attr-defined]  # set as it was saved

    def add_outside(self, wish: Any, person: User, at: datetime) -> tuple[UUID, str]:
        """Add what was wished for; answers it and the secret that is shown once."""
        raise NotImplementedError

    def change_outside(self, outside: Outside, wish: Any, person: User, at: datetime) -> None:
        """Change it as wished."""
        raise NotImplementedError

    def show_once(self, request: HttpRequest, outside: Outside, secret: str) -> HttpResponse:
        """Show the one page that names the secret."""
        raise NotImplementedError

    def hers(self, request: HttpRequest, pk: UUID) -> Outside:
        """Find one of those she may see, with its team.

        :raises Http404:
        """
        found = self.get_queryset(request).select_related("team", "created_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def back_to_health(self, request: HttpRequest, pk: UUID, words: str) -> HttpResponseRedirect:
        """Say what was done, on its page of health."""
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(self.address_of_health(pk))

    def address_of_health(self, pk: UUID) -> str:
        """Name its page of health."""
        return reverse(f"admin:refunds_{self.opts.model_name}_health", args=[pk])

    def health(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show how it fares."""
        raise NotImplementedError

    def right_to(self, verb: str) -> str:  # noqa: ARG002 - asked by those who override it
        """Name the right that a verb needs; asked before what was typed, as its command will ask."""
        return f"refunds.change_{self.opts.model_name}"

    def _entitled(self, verb: str) -> Any:
        do = getattr(self, verb)

        @wraps(do)
        def done(request: HttpRequest, pk: UUID) -> HttpResponse:
            try:
                check_may(person_of(request), self.right_to(verb))
            except NotPermitted as no:
                return refused_page(self, request, no)
            return cast("HttpResponse", do(request, pk))

        return done

    def _open(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)


def typed(form: Form) -> dict[str, Any]:
    """Read a small form.

    :raises Refused: with every fault of it
    """
    if not form.is_valid():
        faults = [(name, str(error)) for name, errors in form.errors.items() for error in errors]
        raise Refused("refused", " ".join(f"{form[name].label}: {error}" for name, error in faults))
    return dict(form.cleaned_data)
