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


VENDOR: Final = canary("the vendor's key")
STORED: Final = canary("the stored key")
HEADER: Final = canary("the stored header")
LOGIN: Final = canary("the login at the proxy")
TOOLS: Final = canary("the header of the tools")
PASSWORD: Final = canary("the administrator's password")
ADMIN_KEY: Final = canary("the administrator's key")
HOOK: Final = canary("the webhook's secret")
MAIL: Final = canary("the password of the mail server")
SIGN_IN: Final = canary("the secret of the sign-in elsewhere")
DATABASE: Final = canary("the database's password")
SIGNING: Final = canary("the key that cookies are signed with")
AT_REST: Final = base64.urlsafe_b64encode(
    canary("the key that secrets are stored under")[:32].encode()
).decode()

PLANTED: Final[Mapping[str, str]] = {
    "the vendor's key": VENDOR,
    "the stored key": STORED,
    "the stored header": HEADER,
    "the login at the proxy": LOGIN,
    "the header of the tools": TOOLS,
    "the administrator's password": PASSWORD,
    "the administrator's key": ADMIN_KEY,
    "the webhook's secret": HOOK,
    "the password of the mail server": MAIL,
    "the secret of the sign-in elsewhere": SIGN_IN,
    "the database's password": DATABASE,
    "the key that cookies are signed with": SIGNING,
    "the key that secrets are stored under": AT_REST,
}


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
