"""What pages may do, and what holds where people reach the server over TLS. Part of the settings."""

from typing import Final

from csp.constants import NONCE, NONE, SELF

from project.env import env

YEAR: Final = 365 * 24 * 3600

HTTPS = env.bool("PARLEY_HTTPS", default=False)  # people reach this server over TLS, which a proxy ends
TRUSTED_PROXIES = env.int("PARLEY_PROXIES", default=int(HTTPS))  # in a row, whose X-Forwarded-… count

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by the machines beside this one
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = YEAR if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    *("security.W001", "security.W002", "security.W003"),  # they are here by other names: middleware_on_loop
]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
