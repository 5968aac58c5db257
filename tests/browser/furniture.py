"""Rows for the screens that no conversation makes: people, keys, routes, budgets, rules, an incident.

python -m tests.browser.furniture     fills the database of the environment; prints an invitation's path
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

MEMBER: Final = "ben"
CAREFUL: Final = "cleo"  # signs in with two steps
NOTED: Final = (
    "Lives in Hangzhou and travels by train.",
    "Writes Python; prefers short answers.",
    "喜欢绿茶。",
)


def main() -> None:
    import django

    django.setup()
    _people()
    _providers()
    _incident()
    print(_invitation())


def password_of(name: str) -> str:
    return f"{name}-pass-word"


def _people() -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from chat.actions.keys import key_create
    from chat.actions.memories import memory_create

    member, careful = _person(MEMBER), _person(CAREFUL)
    if member.api_keys.exists():
        return
    key_create(user=member, name="laptop", scopes=["chat"], budget={"period": "day", "tokens": 200_000})
    for text in NOTED:
        memory_create(user=member, text=text)
    TOTP.activate(careful, generate_totp_secret())


def _person(name: str) -> Any:
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    return users.filter(username=name).first() or users.create_user(name, password=password_of(name))


def _providers() -> None:
    from chat.models import Budget, McpServer, ToolRule
    from providers.models import Provider, Route, RouteTarget

    route = Route.objects.get_or_create(name="usual", defaults={"label": "The usual"})[0]
    for position, (provider, model) in enumerate((("openai", "gpt-4o-mini"), ("demo", "chat"))):
        place = {"provider": Provider.objects.get(pk=provider), "model": model}
        RouteTarget.objects.get_or_create(route=route, **place, defaults={"position": position})
    Budget.objects.get_or_create(route="usual", period="month", defaults={"money": Decimal(20)})
    McpServer.objects.get_or_create(
        name="wiki", defaults={"url": "https://mcp.example.org/mcp", "enabled": False}
    )
    ToolRule.objects.update_or_create(tool="calculator", defaults={"policy": "ask", "by_default": True})


def _incident() -> None:
    """One that is over: what is open, the server ends by itself."""
    from django.utils import timezone

    from chat.models import Alert

    now = timezone.now()
    times = {"began_at": now - timedelta(minutes=9), "seen_at": now, "ended_at": now}
    Alert.objects.get_or_create(
        kind="provider_down", subject="openai", defaults={"said": "HTTP 503", **times}
    )


def _invitation() -> str:
    from django.urls import reverse

    from chat.actions.invitations import invitation_create

    return reverse("invitation", args=[invitation_create(role="member", note="Dora")[1]])


if __name__ == "__main__":
    main()
