"""The product's room."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _

from providers.briefly import forget


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        for name in ("Agent", "McpServer", "MemorySettings", "ToolRule"):
            for signal in (post_save, post_delete):
                signal.connect(forget, sender=self.get_model(name))
