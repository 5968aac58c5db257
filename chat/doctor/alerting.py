"""Whether whoever is to hear of an incident does: a made-up one is told in every way that is set up."""

import asyncio
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.utils import timezone

from chat.doctor.findings import Finding, fail, ok, skip, warn
from chat.models import Alert
from chat.watch.telling import tell, ways
from providers.http import close_client

SAID: Final = "This is a test by manage.py doctor: nothing is wrong."
TODO: Final = {
    "email": "Check EMAIL_URL (server, port, TLS, password), EMAIL_FROM, and that this machine may reach it.",
    "webhook": (
        "Check ALERT_WEBHOOK_URL and that the other side knows ALERT_WEBHOOK_SECRET; PARLEY_PRIVATE_NETWORKS "
        "has to name an address that is private."
    ),
}
KEPT: Final = ("filebased", "console", "locmem", "dummy")  # mail that reaches nobody


def alerts() -> Iterator[Finding]:
    if settings.ALERT_WEBHOOK_URL and not settings.ALERT_WEBHOOK_SECRET:
        yield warn("alerts", "the webhook has no secret, and nothing is sent", "Set ALERT_WEBHOOK_SECRET.")
    if not ways():
        yield skip("alerts", "nobody is to be told: ALERT_EMAILS and ALERT_WEBHOOK_URL are empty")
    for way in ways():
        yield _tried(way)


def _tried(way: str) -> Finding:
    try:
        asyncio.run(_told(way))
    except Exception as error:  # whatever a mail server or a receiver makes libraries raise
        return fail("alerts", f"{way}: it was not taken: {type(error).__name__}: {error}", TODO[way])
    if way == "email" and any(f".{kind}." in settings.EMAIL_BACKEND for kind in KEPT):
        return warn("alerts", "email: it is kept on this machine, where nobody reads it", "Set EMAIL_URL.")
    return ok("alerts", f"{way}: a test was taken by the other side")


async def _told(way: str) -> None:
    """Not stored: there is no incident."""
    alert = Alert(pk=0, kind="test", subject="doctor", said=SAID, began_at=timezone.now())
    try:
        await tell(alert, way, "began")
    finally:
        await close_client()
