"""The Django app of the providers room: their settings and their admin."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _

from providers.adapters.agno.agents import register_agno_agent
from providers.briefly import forget


class ProvidersConfig(AppConfig):
    name = "providers"
    label = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        for model in self.get_models():
            post_save.connect(forget, sender=model)
            post_delete.connect(forget, sender=model)
        for name, path in settings.AGNO_AGENTS.items():
            register_agno_agent(name, path)
