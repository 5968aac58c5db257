"""Telling of an incident: by e-mail, and to a webhook that is signed as https://www.standardwebhooks.com
says, through the one maker of HTTP clients and its policy of addresses."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from chat.models import Alert
from providers.http import client

PATIENCE: Final = 10.0  # seconds for a webhook to answer
_ENCODED: Final = "whsec_"  # begins a secret that is written in base64


class NotDeliveredError(Exception):
    """The other side did not take it: worth another attempt."""


def ways() -> list[str]:
    """How incidents are told, by the settings."""
    email = ["email"] if settings.ALERT_EMAILS else []
    webhook = ["webhook"] if settings.ALERT_WEBHOOK_URL and settings.ALERT_WEBHOOK_SECRET else []
    return email + webhook


async def tell(alert: Alert, way: str, word: str) -> None:
    """`word` is began or ended. Raises whatever keeps it from being delivered."""
    await _WAYS[way](alert, word)


async def _mail(alert: Alert, word: str) -> None:
    subject = f"[Parley] {alert.get_kind_display()}: {alert.subject or '—'} ({_WORDS[word]()})"
    lines = [alert.said, "", f"{_('Began')}: {alert.began_at:%Y-%m-%d %H:%M:%S} UTC"]
    if alert.ended_at:
        lines.append(f"{_('Ended')}: {alert.ended_at:%Y-%m-%d %H:%M:%S} UTC")
    send = sync_to_async(send_mail, thread_sensitive=False)
    await send(subject, "\n".join(lines), None, settings.ALERT_EMAILS)


async def _post(alert: Alert, word: str) -> None:
    body = json.dumps(payload(alert, word)).encode()
    headers = signed(f"alert-{alert.pk}-{word}", int(time.time()), body, settings.ALERT_WEBHOOK_SECRET)
    sent = await client().post(settings.ALERT_WEBHOOK_URL, content=body, headers=headers, timeout=PATIENCE)
    if not sent.is_success:
        raise NotDeliveredError(f"the webhook answered {sent.status_code}")


def payload(alert: Alert, word: str) -> dict[str, object]:
    return {
        "type": f"alert.{word}",
        "timestamp": (alert.ended_at or alert.began_at).isoformat(),
        "data": {
            "id": alert.pk,
            "kind": alert.kind,
            "subject": alert.subject,
            "said": alert.said,
            "began_at": alert.began_at.isoformat(),
            "ended_at": alert.ended_at and alert.ended_at.isoformat(),
        },
    }


def signed(name: str, moment: int, body: bytes, secret: str) -> dict[str, str]:
    """The headers: a name that stays the same when it is sent again, the time, and HMAC-SHA256 over both and
    the body."""
    key = base64.b64decode(secret.removeprefix(_ENCODED)) if secret.startswith(_ENCODED) else secret.encode()
    digest = hmac.new(key, b"%b.%d.%b" % (name.encode(), moment, body), hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


_WAYS: Final[Mapping[str, Callable[[Alert, str], Awaitable[None]]]] = {"email": _mail, "webhook": _post}
_WORDS: Final = {"began": lambda: _("began"), "ended": lambda: _("ended")}
