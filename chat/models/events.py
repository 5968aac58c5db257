"""The log: append-only numbered entries of the streams `session:<id>` and `run:<id>`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StreamEvent(models.Model):
    """One entry. `frame` is the JSON text exactly as it is sent to readers.

    The primary key (stream, seq) is also the fence: an owner that lost its run cannot write a number again.
    """

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=44)
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=32)
    frame = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["stream", "seq"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.type}"
