"""Who acts just now, and from where: the request that a thread or task works for."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from chat.middleware import Around
from chat.models import AuditEntry
from chat.models.keys import came_with
from chat.origins import address_of

_request: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)


@dataclass(frozen=True, slots=True)
class Caller:
    who: AuditEntry.Who
    username: str = ""
    user_id: int | None = None
    key_id: UUID | None = None
    address: str = ""


class AuditCaller(Around):
    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self):
            return self._answered(request)
        before = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(before)

    async def _answered(self, request: HttpRequest) -> HttpResponseBase:
        """A request is a task of its own, so nothing is to be undone."""
        _request.set(request)
        response: HttpResponseBase = await self.get_response(request)
        return response


def caller() -> Caller:
    request = _request.get()
    if request is None:
        return Caller(AuditEntry.Who.SYSTEM)
    address = address_of(request)
    person: Any = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return Caller(AuditEntry.Who.NOBODY, address=address)
    key = came_with(person)
    who = AuditEntry.Who.KEY if key else AuditEntry.Who.USER
    return Caller(who, person.get_username(), person.pk, key.pk if key else None, address)
