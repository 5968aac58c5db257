"""Pages of rows by cursor: stable while rows are added."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    ordering: str | tuple[str, ...] = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200


class RecentFirst(NewestFirst):
    ordering = ("-updated_at", "-id")


class OldestFirst(NewestFirst):
    ordering = "id"
