"""Who may change what operators set up in this room: those who may in the admin."""

from typing import Any, Final

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

ADMIN: Final = "admin"  # the scope that a key needs
_RIGHTS: Final = {"POST": "add", "DELETE": "delete"}


class ReadsOrOperates(BasePermission):
    """Everybody who is signed in reads; staff with the admin's right for the view's `table` change."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        key: Any = request.auth
        if not (user.is_authenticated and user.is_active):
            return False
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return True
        right = _RIGHTS.get(request.method or "", "change")
        allowed = user.is_staff and user.has_perm(f"chat.{right}_{view.table}")
        return bool(allowed and (key is None or key.allows(ADMIN)))
