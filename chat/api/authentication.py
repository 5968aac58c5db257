"""DRF's face of `chat.authentication`: by key, or by cookie with the CSRF token on writes."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from chat.authentication import key_of, user_of_key
from chat.models.keys import came_with


class CallerAuthentication(SessionAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if key := key_of(request):
            user = user_of_key(key)
            return user, came_with(user)
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
