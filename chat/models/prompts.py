"""What people say often, saved under a command that they type after a slash."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id

COMMAND_LENGTH = 40  # characters
TITLE_LENGTH = 100
TEXT_LENGTH = 20_000


class Prompt(models.Model):
    """One's own, for nobody else. `{{name}}` in its text is a place that is filled in when it is used.

    The database holds no foreign key: a version that knows nothing of prompts can still delete people during
    an upgrade.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="prompts", db_constraint=False
    )
    command = models.CharField(_("command"), max_length=COMMAND_LENGTH)  # without its slash, in small letters
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True, default="")
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["command"]
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        constraints = [models.UniqueConstraint(fields=["user", "command"], name="one_prompt_of_a_command")]

    def __str__(self) -> str:
        return str(self.id)
