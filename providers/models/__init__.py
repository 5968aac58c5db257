"""The tables of the providers room."""

from providers.models.providers import Provider, ProviderModel
from providers.models.routes import Route, RouteTarget

__all__ = ["Provider", "ProviderModel", "Route", "RouteTarget"]
