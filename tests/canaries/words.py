"""The planted secrets, and what they look like where they leak: as they are, or encoded. Pure."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import quote

PIECE: Final = 10  # characters: more than the hint that may be shown, and too many to meet by chance
PIECES: Final = 3


def canary(name: str) -> str:
    """The same in every process of a test. None begins as vendors' keys do: the log knows those."""
    return hashlib.sha256(f"canary of {name}".encode()).hexdigest()[:40]


PLANTED: Final[dict[str, str]] = {}  # by what it is


def _planted(name: str, value: str = "") -> str:
    return PLANTED.setdefault(name, value or canary(name))


VENDOR: Final = _planted("the vendor's key")
STORED: Final = _planted("the stored key")
HEADER: Final = _planted("the stored header")
LOGIN: Final = _planted("the login at the proxy")
TOOLS: Final = _planted("the header of the tools")
PASSWORD: Final = _planted("the administrator's password")
ADMIN_KEY: Final = _planted("the administrator's key")
HOOK: Final = _planted("the webhook's secret")
MAIL: Final = _planted("the password of the mail server")
SIGN_IN: Final = _planted("the secret of the sign-in elsewhere")
DATABASE: Final = _planted("the database's password")
SIGNING: Final = _planted("the key that cookies are signed with")
_AT_REST: Final = "the key that secrets are stored under"
AT_REST: Final = _planted(_AT_REST, base64.urlsafe_b64encode(canary(_AT_REST)[:32].encode()).decode())


def environment(provider_url: str) -> dict[str, str]:
    """Of a server that has them all; what it sends goes to the fake provider, or to nobody."""
    return {
        "OPENAI_API_KEY": VENDOR,
        "ANTHROPIC_API_KEY": VENDOR,
        "PARLEY_ADMIN_USER": "olive",
        "PARLEY_ADMIN_PASSWORD": PASSWORD,
        "PARLEY_API_KEY": ADMIN_KEY,
        "PARLEY_SECRET_KEY": SIGNING,
        "PARLEY_ENCRYPTION_KEYS": AT_REST,
        "PARLEY_PRIVATE_NETWORKS": "loopback",
        "ALERT_WEBHOOK_URL": f"{provider_url}/alerts",
        "ALERT_WEBHOOK_SECRET": HOOK,
        "ALERT_EMAILS": "operator@example.org",
        "EMAIL_URL": f"smtp://parley:{MAIL}@127.0.0.1:1",
        "OIDC_ISSUER": provider_url,
        "OIDC_CLIENT_ID": "parley",
        "OIDC_CLIENT_SECRET": SIGN_IN,
    }


def found_in(data: bytes, secrets: Mapping[str, str]) -> list[str]:
    """The names of those of which enough is there."""
    return [name for name, value in secrets.items() if any(form in data for form in forms(value))]


@cache
def forms(secret: str) -> frozenset[bytes]:
    """Pieces of its end, as it is, quoted, in hexadecimal and in base64, wherever in a text it began."""
    texts = [secret, quote(secret, safe=""), secret.encode().hex()]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret.encode()).rstrip(b"=").decode()[:-1]
        texts += [encoded, encoded.translate(str.maketrans("+/", "-_"))]
    return frozenset(piece for text in texts for piece in _pieces(text))


def _pieces(text: str) -> Iterator[bytes]:
    """From the end on: keys of one kind begin alike."""
    for end in range(len(text), max(PIECE, len(text) - PIECES * PIECE) - 1, -PIECE):
        yield text[end - PIECE : end].encode()
