"""Sessions whose time is up: nobody wrote in them for so long, or they are that old. They are archived or
deleted, as their owner wants it or else the operator. What is pinned stays, and what is being answered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.access import Person
from chat.actions.audit import audited
from chat.actions.sessions import session_delete, session_update
from chat.models import ChatSession, Run, SessionEnd, UserSettings

AT_ONCE: Final = 500  # sessions of one policy in one round


@dataclass(frozen=True, slots=True)
class Lifetime:
    """In days; 0 is for ever. `end` is of SessionEnd."""

    idle_days: int
    total_days: int
    end: str

    @property
    def over(self) -> Q | None:
        """Which sessions it is up for; None for none."""
        now = timezone.now()
        idle, total = now - timedelta(days=self.idle_days), now - timedelta(days=self.total_days)
        found = [Q(updated_at__lt=idle, created_at__lt=idle)] * bool(
            self.idle_days
        )  # imports bring old times
        found += [Q(created_at__lt=total)] * bool(self.total_days)
        return None if not found else found[0] | found[-1]


def lifetime_of(user: Person) -> Lifetime:
    """What holds for this person's sessions."""
    return _lifetime(UserSettings.objects.filter(Q(user_id=user.pk)).first())


def lifetime_set(*, user: Person, **wishes: Any) -> Lifetime:
    """`idle_days`, `total_days`, `end`; None for the server's own."""
    owned: dict[str, Any] = {"user_id": user.pk}
    row, _ = UserSettings.objects.get_or_create(**owned)
    for name, value in wishes.items():
        setattr(row, f"session_{name}", value)
    row.save(update_fields=[f"session_{name}" for name in wishes])
    return _lifetime(row)


def sessions_expire() -> int:
    """Gives how many."""
    own = Q(session_idle_days=None, session_total_days=None, session_end=None)
    wishes = list(UserSettings.objects.exclude(own))
    others = ChatSession.objects.exclude(owner_id__in=[row.user_id for row in wishes])
    ended = _expire(others, _lifetime(None))
    return ended + sum(
        _expire(ChatSession.objects.filter(owner_id=row.user_id), _lifetime(row)) for row in wishes
    )


def _lifetime(row: UserSettings | None) -> Lifetime:
    def chosen(wish: Any, default: Any) -> Any:
        return default if wish is None else wish

    return Lifetime(
        idle_days=chosen(row and row.session_idle_days, settings.SESSION_IDLE_DAYS),
        total_days=chosen(row and row.session_total_days, settings.SESSION_TOTAL_DAYS),
        end=chosen(row and row.session_end, settings.SESSION_END),
    )


def _expire(sessions: "QuerySet[ChatSession]", lifetime: Lifetime) -> int:
    over = lifetime.over
    if over is None:
        return 0
    due = sessions.filter(over, pinned_at=None).exclude(runs__status__in=Run.ACTIVE)
    if lifetime.end == SessionEnd.ARCHIVE:
        due = due.filter(archived_at=None)
    ids = list(due.order_by("updated_at").values_list("id", flat=True)[:AT_ONCE])
    return sum(_end(due.filter(id=id_), lifetime.end) for id_ in ids)


@audited()
def _end(due: "QuerySet[ChatSession]", end: str) -> bool:
    """Unless somebody wrote there a moment ago."""
    session = due.select_for_update(of=("self",)).select_related("owner").first()
    if session is None:
        return False
    if end == SessionEnd.DELETE:
        session_delete(session=session)
    else:
        session_update(session=session, archived=True)
    return True
