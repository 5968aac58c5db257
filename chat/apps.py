"""The product's room."""

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from chat.naming import name_fields
from providers.briefly import forget


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        for name in ("Agent", "Budget", "McpServer", "MemorySettings", "Permit", "ToolRule"):
            for signal in (post_save, post_delete):
                signal.connect(forget, sender=self.get_model(name))
        m2m_changed.connect(forget)  # groups and who is in them
        import_string("chat.audit.watched.watch")()  # first: the log is held before other rows are
        usage_keep = import_string("chat.actions.usage.usage_keep")  # which needs the models
        pre_delete.connect(usage_keep, sender=self.get_model("ChatSession"))
        holders = import_string("providers.rotation.HOLDERS")
        holders.append(import_string("chat.accounts.second_steps.second_steps_rotate"))
        import_string("chat.audit.signing_in.watch_sign_ins")()
        name_fields()
