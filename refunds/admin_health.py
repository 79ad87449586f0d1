"""What admin pages of another system share: a page about its health, and verbs of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model
from django.urls import path
from django.views.decorators.http import require_POST

from config.kernel.admin_pages import PortalAdmin, person_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

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
            path(f"<uuid:pk>/{verb}/", self._open(require_POST(getattr(self, verb))), name=f"{prefix}_{verb}")
            for verb in self.verbs
        ]
        return [*own, *super().get_urls()]

    def health(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show how it fares."""
        raise NotImplementedError

    def _open(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)
