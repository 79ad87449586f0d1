"""Records of evidence in the admin site: read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin

from .admin_letters import MessageTemplateAdmin
from .models import Attachment, AttachmentView, CustomerMessage, LedgerEntry, RefusedAction
from .permissions import messages_visible_to, visible_to

__all__ = ["MessageTemplateAdmin"]

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from config.kernel.people import User

    # The stubs know a parameter that the class itself does not take.
    AnyAdmin = admin.ModelAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin


class ReadOnlyAdmin(AnyAdmin):
    """A list and a page for each record, without a single button that writes."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Offer none: records come from verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Refuse it: records stay as they are."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Refuse it: records stay."""
        return False


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The ledger, newest first: of every team, so it opens to whoever may look at the whole of it elsewhere."""

    list_display = ["recorded_at", "kind", "actor_name", "sentence", "seq", "subject_kind", "subject_id"]
    list_select_related = ["actor"]
    list_filter = ["subject_kind"]
    search_fields = ["subject_id"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:  # noqa: ARG002 - Django's
        """Ask as for its page; whoever may read an entry of her own requests reads it there."""
        return cast("User", request.user).has_perm("evidence.view_checkpoint")


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Files without their addresses in storage: the shown copy has its own page, the original has none."""

    list_display = ["added_at", "kind", "name", "size_bytes", "added_by", "team", "subject_kind", "subject_id"]
    list_select_related = ["added_by", "team"]
    list_filter = ["kind"]
    exclude = ["original", "shown"]
    ordering = ["-added_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        """Show what the person could open elsewhere."""
        return visible_to(cast("User", request.user))


@admin.register(AttachmentView)
class AttachmentViewAdmin(ReadOnlyAdmin):
    """Who opened what."""

    list_display = ["at", "viewer", "attachment"]
    list_select_related = ["viewer", "attachment"]
    ordering = ["-at", "-pk"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttachmentView]:
        """Show openings of what the person could open."""
        return AttachmentView.objects.filter(attachment__in=visible_to(cast("User", request.user)))


@admin.register(CustomerMessage)
class CustomerMessageAdmin(ReadOnlyAdmin):
    """What customers were told."""

    list_display = ["written_at", "reference", "subject_line", "to", "state", "team"]
    list_select_related = ["team"]
    list_filter = ["state", "template"]
    search_fields = ["reference"]
    ordering = ["-written_at", "-pk"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerMessage]:
        """Show what the person could read on the outbox page."""
        return messages_visible_to(cast("User", request.user))


@admin.register(RefusedAction)
class RefusedActionAdmin(ReadOnlyAdmin):
    """What somebody wanted to do and was not let, newest first."""

    list_display = ["at", "actor", "action", "about", "status", "code"]
    list_select_related = ["actor"]
    list_filter = ["status"]
    search_fields = ["about", "actor__username"]
    ordering = ["-at", "-pk"]
    show_full_result_count = False
