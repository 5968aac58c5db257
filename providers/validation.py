"""What an operator may write into a provider's settings; the messages are for the admin's forms."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers.contract import Timeouts


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
            _("Enter a JSON object of connect, first_token and between_tokens, in seconds.")
        ) from error


def validate_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_("Enter a JSON object."))


def validate_api_key(value: str) -> None:
    if not (value.isascii() and value.isprintable()):
        raise ValidationError(_("An API key has only ASCII characters and no line breaks."))


def timeouts_from(value: Any) -> Timeouts:
    """Time limits from a JSON object; what it leaves out keeps its default. Raises ValueError."""
    timeouts = msgspec.convert(value, Timeouts)
    if min(timeouts.connect, timeouts.first_token, timeouts.between_tokens) <= 0:
        raise ValueError("a time limit is more than 0 seconds")
    return timeouts


def _is_header(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()
