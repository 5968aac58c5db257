"""A conversation and the people in it."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField

if TYPE_CHECKING:
    from uuid import UUID


LONGEST_THREAD: Final = 220  # characters


class ChatSession(models.Model):
    """One conversation. `last_seq` is the number of the last entry of its stream `session:<id>`.

    `memory` says whether answers may use what is remembered of a person, and what is said here be remembered.
    `history_tokens` is how much a request may hold at most, where that is less than the model can read.
    """

    class TitledBy(models.TextChoices):
        PERSON = "", _("a person")
        WORDS = "words", _("the first words")
        MODEL = "model", _("a model")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chat_sessions")
    title = models.CharField(_("title"), max_length=200, blank=True)
    titled_by = models.CharField(
        max_length=5, choices=TitledBy, blank=True, default=TitledBy.PERSON, db_default=""
    )
    system_prompt = models.TextField(_("system prompt"), blank=True)
    model = models.CharField(_("model"), max_length=200, blank=True)  # provider/model; empty: the default
    agent_id = models.CharField(max_length=100, blank=True)
    team_id = models.CharField(max_length=100, blank=True)
    workflow_id = models.CharField(max_length=100, blank=True)
    leaf = models.ForeignKey("Message", models.SET_NULL, null=True, blank=True, related_name="+")
    tools = JSONField(null=True, blank=True)  # names of the server's; None: the operator's choice
    memory = models.BooleanField(_("memory"), default=True, db_default=True)
    history_tokens = models.PositiveIntegerField(_("tokens of history"), null=True, blank=True)
    state = JSONField(default=dict, blank=True)  # `session_data`: what programs keep here
    state_version = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    state_expires = JSONField(null=True, blank=True, editable=False)  # key: Unix time, of transient ones
    metadata = JSONField(default=dict, blank=True)
    folder = models.CharField(
        _("folder"), max_length=80, blank=True, default="", db_default=""
    )  # in its owner's list
    # What a front end calls it, after the kind of front end: `ai_sdk_id:chat-1`.
    thread = models.CharField(max_length=LONGEST_THREAD, null=True, blank=True, editable=False)
    temporary = models.BooleanField(default=False, db_default=False, editable=False)  # goes with its answer
    last_seq = models.PositiveBigIntegerField(default=0)
    indexed_seq = models.PositiveBigIntegerField(
        null=True, blank=True, editable=False
    )  # search knows it so far
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    pinned_at = models.DateTimeField(_("pinned"), null=True, blank=True)

    leaf_id: "UUID | None"

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [models.Index(fields=["owner", "-updated_at", "-id"], name="session_by_owner")]
        constraints = [models.UniqueConstraint(fields=["owner", "thread"], name="thread_once_per_owner")]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def stream(self) -> str:
        return session_stream(self.id)


def session_stream(session_id: object) -> str:
    return f"session:{session_id}"


class SessionMember(models.Model):
    """Somebody the owner lets in. The owner is no row here."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("viewer")
        COMMENTER = "commenter", _("commenter")
        DRIVER = "driver", _("driver")

    session = models.ForeignKey(ChatSession, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chat_memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="member_once_per_session")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
