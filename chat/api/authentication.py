"""DRF's face of `chat.authentication`: by key, or by cookie with the CSRF token on writes."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from chat.accounts.second_steps import require_second_step
from chat.authentication import key_of, require_page_token, user_of_key
from chat.models.keys import came_with

# As OpenAPI names the carriers of a caller's identity.
SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
}


class CallerAuthentication(SessionAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if key := key_of(request):
            user = user_of_key(key)
            return user, came_with(user)
        found: tuple[Any, Any] | None = super().authenticate(request)
        if found:
            require_second_step(found[0])
        return found

    def enforce_csrf(self, request: Request) -> None:
        require_page_token(request)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = CallerAuthentication
    name = list(SCHEMES)

    def get_security_definition(self, auto_schema: Any) -> Any:
        return list(SCHEMES.values())
