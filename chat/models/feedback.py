"""What people say of answers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id


class Feedback(models.Model):
    """`session_name` is what the caller calls its conversation, which need not be kept here; `message` is
    the answer, where it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    # No constraints: the version before this one deletes messages and knows nothing of feedback.
    message = models.ForeignKey(
        "Message", models.CASCADE, null=True, blank=True, related_name="feedback", db_constraint=False
    )
    session_name = models.CharField(max_length=200, blank=True)
    rating = models.SmallIntegerField(_("rating"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")

    def __str__(self) -> str:
        return str(self.id)
