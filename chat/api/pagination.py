"""Pages of rows by cursor: stable while rows are added."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    ordering: str | tuple[str, ...] = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """Raises ValidationError for what is no cursor."""
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise ValidationError({"cursor": ["This is no cursor of a page."]}) from None


class RecentFirst(NewestFirst):
    ordering = ("-updated_at", "-id")


class OldestFirst(NewestFirst):
    ordering = "id"
