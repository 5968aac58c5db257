"""A key is for the address that it was given for: whoever changes where a provider's requests go must know
the key. Every door that changes a provider asks here; it compares what was with what would be.
"""

import os
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers.environment import ENVIRONMENT, EnvironmentProvider
from providers.models import Provider
from providers.presets import PRESETS

# A proxy sees what plain HTTP carries, and without the check of certificates whoever is on the way does.
DESTINATION: Final = ("kind", "base_url", "proxy", "verify_tls", "ca_file")
_ADDRESS_VARIABLES: Final = ("_BASE_URL", "_ENDPOINT", "_HOST")  # beside NAME_API_KEY


def refuse_moved_secrets(before: Provider | None, after: Provider) -> None:
    """Raises ValidationError by field for secrets that would go where nobody who knows them sent them."""
    wrong = {}
    moved = before is not None and _destination(before) != _destination(after)
    if before and moved and _keeps(before.api_key_encrypted, after.api_key_encrypted):
        wrong["api_key"] = _("The address has changed: enter the API key again, or remove it.")
    if before and moved and _keeps_headers(before, after):
        wrong["headers"] = _("The address has changed: enter the headers again, or remove them.")
    if before and _way(before) != _way(after) and _keeps_login(before, after):
        wrong["proxy_login"] = _("The proxy has changed: enter its login again, or remove it.")
    if _reads_variable(after) and not _may_read(before, after, moved=moved):
        field = "api_key" if after.from_environment and not after.api_key_variable else "api_key_variable"
        wrong[field] = _MOVED_VARIABLE[field]
    if wrong:
        raise ValidationError(
            {field: ValidationError(said, code="key_needed") for field, said in wrong.items()}
        )


_MOVED_VARIABLE: Final = {
    "api_key": _("The address has changed: enter the API key again, or remove it."),
    "api_key_variable": _(
        "The environment does not say that this key may go to this address: enter the key."
    ),
}


def _destination(provider: Provider) -> tuple[object, ...]:
    return tuple(getattr(provider, field) for field in DESTINATION)


def _way(provider: Provider) -> tuple[object, ...]:
    """To the proxy."""
    return provider.proxy, provider.verify_tls, provider.ca_file


def _keeps_login(before: Provider, after: Provider) -> bool:
    return _keeps(before.proxy_login_encrypted, after.proxy_login_encrypted)


def _keeps(before: str, after: str) -> bool:
    """Encryption is salted: the same token means that nobody gave the secret again."""
    return bool(before) and before == after


def _keeps_headers(before: Provider, after: Provider) -> bool:
    return _keeps(before.headers_encrypted, after.headers_encrypted) or bool(before.headers and after.headers)


def _reads_variable(provider: Provider) -> bool:
    return bool(not provider.api_key_encrypted and (provider.api_key_variable or _told(provider)))


def _told(provider: Provider) -> EnvironmentProvider | None:
    told = ENVIRONMENT.get(provider.id) if provider.from_environment else None
    return told if told and told.key else None


def _may_read(before: Provider | None, after: Provider, *, moved: bool) -> bool:
    """It may when nothing moves, at the vendor's own address, and where the environment itself says."""
    if before and not moved and _same_variable(before, after):
        return True
    if after.proxy or not after.verify_tls or after.ca_file:
        return False
    return after.base_url.rstrip("/") in _known_addresses(after)


def _same_variable(before: Provider, after: Provider) -> bool:
    return _reads_variable(before) and before.api_key_variable == after.api_key_variable


def _known_addresses(provider: Provider) -> set[str]:
    if not provider.api_key_variable:
        told = ENVIRONMENT[provider.id]
        return {"", told.base_url.rstrip("/")} if provider.kind == told.id else set()
    stem = provider.api_key_variable.rpartition("_API_")[0]
    named = {os.environ.get(stem + ending, "") for ending in _ADDRESS_VARIABLES}
    preset = PRESETS.get(provider.preset)
    return {address.rstrip("/") for address in {"", *named, preset.base_url if preset else ""}}
