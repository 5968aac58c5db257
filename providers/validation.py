"""What an operator may write into a provider's settings; the messages are for the admin's forms."""

import re
from typing import Any, Final, get_args
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers.contract import Capability, Timeouts

CAPABILITIES: Final[tuple[str, ...]] = get_args(Capability)

LONGEST: Final = 86_400.0  # seconds of any time limit

# Any other variable may hold what is no provider's business: the secret key, a database's password.
_KEY_VARIABLE: Final = re.compile(r"(?!PARLEY_)[A-Z][A-Z0-9_]*_API_(KEY|TOKEN)")
_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")


def validate_base_url(value: str) -> None:
    """http or https with a host; names without a dot, as containers have them, are good."""
    try:
        parts = urlsplit(value)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port)
        )
    except ValueError:
        good = False
    if not good:
        raise ValidationError(_("Enter an address that begins with http:// or https://."))
    if parts.username or parts.query or parts.fragment:
        raise ValidationError(_("An address has no user name, no query and no fragment."))


def validate_proxy(value: str) -> None:
    """A proxy's address; a path has no meaning here, and the login is a secret with a field of its own."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValidationError(
            _("Enter a proxy as http://host:port or socks5://host:port; its login has a field of its own.")
        )


def validate_proxy_login(value: str) -> None:
    user, _colon, password = value.partition(":")
    if not (user and password and value.isascii() and value.isprintable()):
        raise ValidationError(_("Enter the proxy's login as user:password, in ASCII."))


def validate_key_variable(value: str) -> None:
    """Only names that say that they hold a provider's key can be read."""
    if not _KEY_VARIABLE.fullmatch(value):
        raise ValidationError(_("The name of a key's variable ends in _API_KEY or _API_TOKEN."))


def validate_capabilities(value: Any) -> None:
    if not isinstance(value, list) or not all(name in CAPABILITIES for name in value):
        raise ValidationError(
            _("Capabilities are a list of: %(names)s."), params={"names": ", ".join(CAPABILITIES)}
        )


def validate_headers(value: Any) -> None:
    pairs = value.items() if isinstance(value, dict) else [(None, None)]
    if not all(_is_header(name) and _is_header(content) for name, content in pairs):
        raise ValidationError(_("Enter a JSON object of header names and values."))


def validate_timeouts(value: Any) -> None:
    """See `timeouts_from`."""
    try:
        timeouts_from(value)
    except (msgspec.ValidationError, ValueError) as error:
        raise ValidationError(
            _("Enter a JSON object of connect, first_token, between_tokens and total, in seconds.")
        ) from error


def validate_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_("Enter a JSON object."))


def validate_api_key(value: str) -> None:
    if not (value.isascii() and value.isprintable()):
        raise ValidationError(_("An API key has only ASCII characters and no line breaks."))


def timeouts_from(value: Any) -> Timeouts:
    """Time limits from a JSON object; what it leaves out keeps its default. Raises ValueError."""
    if isinstance(value, dict) and set(value) - set(Timeouts.__dataclass_fields__):
        raise ValueError("there is no such time limit")
    timeouts = msgspec.convert(value, Timeouts)
    bounds = (timeouts.connect, timeouts.first_token, timeouts.between_tokens)
    if not all(0 < bound <= LONGEST for bound in bounds) or not 0 <= timeouts.total <= LONGEST:
        raise ValueError(f"a time limit is more than 0 and at most {LONGEST} seconds")
    return timeouts


def _is_header(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()
