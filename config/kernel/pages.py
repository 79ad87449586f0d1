"""Pages of a list: a cursor, no count, a stable order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

BAD_CURSOR = "This cursor is not one of ours."


class CursorPages(CursorPagination):
    """50 a page, up to 200, newest first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: Any = ("-created_at", "-id")

    def decode_cursor(self, request: Request) -> Any:
        """Read the cursor; one that says nothing is none of ours.

        :raises NotFound: for anything we never wrote
        """
        cursor = super().decode_cursor(request)
        if cursor is not None and (cursor.offset, cursor.reverse, cursor.position) == (0, False, None):
            raise exceptions.NotFound(BAD_CURSOR)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        """Cut one page out. A cursor somebody wrote himself is refused, wherever it breaks."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, ValidationError, ValueError, TypeError, OverflowError):
            raise exceptions.ValidationError({"cursor": [BAD_CURSOR]}) from None
