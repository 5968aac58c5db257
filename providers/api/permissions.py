"""Who may set providers up over the API: those who may in the admin, and with a key only if it says so."""

from typing import Any, Final

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

SCOPE: Final = "providers"  # that a key needs
_RIGHTS: Final = {"GET": "view", "HEAD": "view", "OPTIONS": "view", "POST": "add", "DELETE": "delete"}


class Operates(BasePermission):
    """Staff with the admin's right for the view's `table`. `request.auth` is None for a browser's session,
    otherwise a key with `allows(scope)`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        key: Any = request.auth
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return False
        right = _RIGHTS.get(request.method or "", "change")
        allowed = user.has_perm(f"providers.{right}_{view.table}")
        return bool(allowed and (key is None or key.allows(SCOPE)))
