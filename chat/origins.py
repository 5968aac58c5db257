"""Where requests come from: whether a browser page of some origin may use a visitor's cookies here, and the
address of whoever asks."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def is_own_origin(origin: str | None, host: str) -> bool:
    """`origin` and `host` are the request's headers. Browsers always send Origin with a WebSocket; what sends
    none is no browser, and no foreign page can make a browser leave it out."""
    if origin is None:
        return True
    return urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS


def address_of(request: Any) -> str:
    """The caller's address. What `X-Forwarded-For` says counts as far as the operator's own proxies wrote it:
    the last entry is by the nearest one, and what is before theirs anybody may have made up."""
    nearest: str = request.META.get("REMOTE_ADDR") or ""
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.TRUSTED_PROXIES
    return (said[-trusted] if 0 < trusted <= len(said) and said[-trusted] else nearest)[:45]
