"""Whether a browser page of some origin may use a visitor's cookies here."""

from urllib.parse import urlsplit

from django.conf import settings


def is_own_origin(origin: str | None, host: str) -> bool:
    """`origin` and `host` are the request's headers. Browsers always send Origin with a WebSocket; what sends
    none is no browser, and no foreign page can make a browser leave it out."""
    if origin is None:
        return True
    return urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS
