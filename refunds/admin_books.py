"""The chart of accounts in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, person_of
from config.kernel.wording import told
from evidence.ledger import timeline_of

from .books.charting import AccountWish, set_account
from .models import GLAccount

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class GLAccountForm(forms.ModelForm[GLAccount]):
    """One account, with what is wrong with it at its field."""

    class Meta:
        model = GLAccount
        fields = ("role", "team", "gateway", "currency", "code", "name")

    @property
    def wish(self) -> AccountWish:
        """What was typed."""
        typed = self.cleaned_data
        return AccountWish(
            role=typed.get("role", ""),
            team=typed.get("team"),
            gateway=typed.get("gateway", ""),
            currency=typed.get("currency", ""),
            code=typed.get("code", ""),
            name=typed.get("name", ""),
        )

    def clean(self) -> dict[str, Any] | None:
        """Ask what the command will ask."""
        cleaned = super().clean()
        if not self.errors:
            for fault in self.wish.faults():
                self.add_error(fault.field, told(fault.detail))
        return cleaned

    def clean_currency(self) -> str:
        """Write it as currencies are written."""
        return str(self.cleaned_data["currency"]).upper()


@admin.register(GLAccount)
class GLAccountAdmin(PortalAdmin[GLAccount]):
    """Never deleted: journal entries name its code, and a role without an account has its standard one."""

    form = GLAccountForm
    list_display = ["role", "code", "name", "team", "gateway", "currency"]
    list_select_related = ["team"]
    list_filter = ["role", "team"]
    search_fields = ["code", "name"]

    def save_model(
        self,
        request: HttpRequest,
        obj: GLAccount,
        form: forms.ModelForm[GLAccount],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save through the command, which checks and records it."""
        if isinstance(form, GLAccountForm):
            known = obj.pk if change else None
            saved = set_account(wish=form.wish, actor=person_of(request), at=timezone.now(), account_id=known)
            obj.pk = saved.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(shown.subject))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)
