"""Throwing away what nobody needs any more: events of runs that ended long ago, and what lost its owner."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chat.actions.sessions import session_delete
from chat.models import ChatSession, Comment, Memory, Run, StreamEvent, Summary
from chat.models.runs import run_stream
from chat.models.sessions import session_stream

TEMPORARY: Final = timedelta(hours=1)  # longer than an answer with tools takes
AT_ONCE: Final = 200  # streams in one statement, so that no lock is held for long


def events_prune() -> int:
    """Of runs that ended EVENT_RETENTION_HOURS ago: their messages hold what they wrote. Gives how many."""
    limit = timezone.now() - timedelta(hours=settings.EVENT_RETENTION_HOURS)
    ended = Run.objects.filter(finished_at__lt=limit, pruned=False).order_by("finished_at")
    removed = 0
    while ids := list(ended.values_list("id", flat=True)[:AT_ONCE]):
        removed += StreamEvent.objects.filter(stream__in=map(run_stream, ids)).delete()[0]
        Run.objects.filter(id__in=ids).update(pruned=True)
    return removed


def memory_clean() -> None:
    """What was drawn from sessions, and said of them, that a version deleted which knows nothing of it."""
    lost = ~Exists(ChatSession.objects.filter(id=OuterRef("session_id")))
    Memory.objects.filter(lost, session_id__isnull=False).delete()
    Summary.objects.filter(lost).delete()
    Comment.objects.filter(lost).delete()


def temporary_delete() -> int:
    """Sessions that were to go with an answer, whose process died before it could. Gives how many."""
    active = Run.objects.filter(status__in=Run.ACTIVE).values("session_id")
    lost = ChatSession.objects.filter(temporary=True, updated_at__lt=timezone.now() - TEMPORARY)
    found = list(lost.exclude(id__in=active)[:AT_ONCE])
    for session in found:
        session_delete(session=session)
    return len(found)


def orphans_delete() -> int:
    """Streams whose session or run is gone, and sign-ins that have expired. Gives how many rows."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    streams = list(StreamEvent.objects.order_by().values_list("stream", flat=True).distinct())
    kept = {session_stream(id_) for id_ in ChatSession.objects.values_list("id", flat=True)}
    kept |= {run_stream(id_) for id_ in Run.objects.filter(pruned=False).values_list("id", flat=True)}
    lost = [stream for stream in streams if stream not in kept]
    return sum(
        StreamEvent.objects.filter(stream__in=lost[start : start + AT_ONCE]).delete()[0]
        for start in range(0, len(lost), AT_ONCE)
    )
