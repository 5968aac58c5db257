"""Who may do what over the API: the scopes of keys, and what operators set up in this room."""

from typing import Any, Final

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chat.authentication import require_scope

_RIGHTS: Final = {"POST": "add", "DELETE": "delete"}
READS: Final = ("GET", "HEAD", "OPTIONS")


class InScope(BasePermission):
    """Everybody who is signed in, with a key that has one of the scopes: those that the view names for the
    method in `scopes`, otherwise `read` for reading and `chat` for the rest."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        if not (user.is_authenticated and user.is_active):
            return False
        named = getattr(view, "scopes", {})
        method = request.method or ""
        usual = ("read",) if method in READS else ("chat",)
        require_scope(user, *named.get(method, named.get("*", usual)))
        return True


class ReadsOrOperates(InScope):
    """Everybody who is signed in reads; staff with the admin's right for the view's `table` change, with a
    key only where it has the scope `admin`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        if request.method in READS:
            return super().has_permission(request, view)
        if not (user.is_authenticated and user.is_active):
            return False
        right = _RIGHTS.get(request.method or "", "change")
        require_scope(user, "admin")
        return bool(user.is_staff and user.has_perm(f"chat.{right}_{view.table}"))
