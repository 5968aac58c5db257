"""The providers room in the admin."""

from providers.admin.providers import ProviderAdmin, ProviderModelAdmin
from providers.admin.routes import RouteAdmin

__all__ = ["ProviderAdmin", "ProviderModelAdmin", "RouteAdmin"]
