"""What is remembered beyond a message: facts about people, summaries of what a conversation began with, and
what the operator says of both.

The database holds no foreign keys for the first two: a version that knows nothing of them can still delete
their sessions during an upgrade. The cleaner takes what is left.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

FACT_LENGTH = 500  # characters


class Memory(models.Model):
    """One fact about a person, for later conversations of that person alone. `message` is where it was said;
    a fact that somebody wrote down has none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memories", db_constraint=False
    )
    text = models.CharField(_("text"), max_length=FACT_LENGTH)
    session = models.ForeignKey(
        "ChatSession", models.CASCADE, null=True, blank=True, related_name="memories", db_constraint=False
    )
    message = models.ForeignKey(
        "Message", models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    edited = models.BooleanField(default=False)  # by its person: the words are theirs
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    user_id: int
    session_id: "UUID | None"
    message_id: "UUID | None"

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("memory")
        verbose_name_plural = _("memories")
        indexes = [models.Index(fields=["user", "-updated_at"], name="memory_by_user")]

    def __str__(self) -> str:
        return str(self.id)


class Summary(models.Model):
    """What a branch said up to and including `upto`, for models that cannot read all of it. Several of one
    branch follow each other; the latest holds what the earlier ones said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("ChatSession", models.CASCADE, related_name="summaries", db_constraint=False)
    upto = models.ForeignKey("Message", models.CASCADE, related_name="+", db_constraint=False)
    text = models.TextField(_("text"))
    edited = models.BooleanField(default=False)  # by a person
    run = models.ForeignKey("Run", models.SET_NULL, null=True, related_name="+", db_constraint=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    session_id: "UUID"
    upto_id: "UUID"
    run_id: "UUID | None"

    class Meta:
        ordering = ["-id"]
        verbose_name = _("summary")
        verbose_name_plural = _("summaries")
        constraints = [models.UniqueConstraint(fields=["session", "upto"], name="one_summary_of_a_place")]

    def __str__(self) -> str:
        return str(self.id)


class MemorySettings(models.Model):
    """The operator's word, one row. Without a model nothing is made in the background."""

    class Cache(models.TextChoices):
        OFF = "off", _("off")
        USER = "user", _("for each person apart")
        SHARED = "shared", _("shared by all")

    model = models.CharField(
        _("background model"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("A cheap one. It writes titles, summaries and memories."),
    )
    titles = models.BooleanField(_("titles"), default=True, help_text=_("Of chats that nobody named."))
    summaries = models.BooleanField(
        _("summaries"), default=True, help_text=_("Of what a model cannot read any more.")
    )
    memory = models.BooleanField(
        _("memory"), default=True, help_text=_("Facts about people; each can switch it off for themselves.")
    )
    memory_tokens = models.PositiveIntegerField(
        _("tokens for memories"),
        default=800,
        validators=[MaxValueValidator(100_000)],
        help_text=_("That a request may spend on them."),
    )
    response_cache = models.CharField(
        _("response cache"),
        max_length=6,
        choices=Cache,
        default=Cache.OFF,
        help_text=_("Of equal requests with temperature 0 or a seed."),
    )
    response_cache_seconds = models.PositiveIntegerField(
        _("seconds in the response cache"),
        default=3600,
        validators=[MinValueValidator(1), MaxValueValidator(30 * 86_400)],
    )

    class Meta:
        verbose_name = _("memory and background work")
        verbose_name_plural = _("memory and background work")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class CachedResponse(models.Model):
    """The table of Django's own database cache, which reads and writes it: responses, without Redis."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("cached response")
        verbose_name_plural = _("cached responses")

    def __str__(self) -> str:
        return self.cache_key
