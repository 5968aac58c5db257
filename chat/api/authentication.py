"""DRF's face of `chat.authentication`: by key, or by cookie with the CSRF token on writes."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from chat.authentication import key_from, user_of_key


class CallerAuthentication(SessionAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if key := key_from(headers):
            return user_of_key(key), None
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
