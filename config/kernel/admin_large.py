"""Rows of the admin site that say how much may pass: whoever adds or changes one shows once more who she is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model

from .admin_pages import PortalAdmin
from .asking_again import ask_again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

M = TypeVar("M", bound=Model)


class LargeAdmin(PortalAdmin[M]):
    """Asks whoever may write, as what she typed arrives; it is sent again afterwards."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask, then show or save."""
        may_write = self.has_add_permission(request) if object_id is None else self.has_change_permission(request)
        asked = ask_again(request) if may_write else None
        return super().changeform_view(request, object_id, form_url, extra_context) if asked is None else asked
