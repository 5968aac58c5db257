"""`manage.py serve`: bring the database up to date, say where to go, and serve with Daphne."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string
from twisted.internet import reactor

from chat.models.keys import PREFIX
from chat.runtime import runtime, shutdown
from chat.serving import PatientServer
from chat.setup import bring_up_to_date, setup_path
from chat.shutdown import until_terminated

_background: list["asyncio.Task[None]"] = []
PING_SECONDS = 20  # between WebSocket pings; a socket that answers none for 30 s is closed
HANDSHAKE_SECONDS = 30  # Daphne drops a socket that is not accepted by then; a busy start takes a while
FORM_ROOM = 64 * 1024  # bytes of a body around the largest file
WAITING = 2048  # connections that wait to be accepted: a thousand pages come back in one moment
STUCK_GRACE = 15  # seconds after which the kernel gives up on a slow reader that could not be closed politely


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        bring_up_to_date()
        self._greet()
        serve()

    def _greet(self) -> None:
        home = f"http://{_shown_host()}:{settings.PORT}"
        self.stdout.write(f"\nParley is at {home}/\n")
        if path := setup_path():
            self.stdout.write(f"Make the owner's account here (works once, for 24 hours):\n  {home}{path}\n")
        key = f"{PREFIX}…" if not settings.API_KEY else "$PARLEY_API_KEY"
        self.stdout.write(
            "Ask from the command line (make a key in the admin, or set PARLEY_API_KEY):\n"
            f'  curl -s -X POST {home}/api/sessions/ -H "Authorization: Bearer {key}"'
            " -H 'Content-Type: application/json' -d '{\"title\": \"Hello\"}'\n"
        )
        self.stdout.flush()  # into a pipe or a journal too


def serve() -> None:
    server = PatientServer(
        most_body=settings.FILE_MAX_BYTES + FORM_ROOM,
        stuck_seconds=settings.SLOW_READER_SECONDS + STUCK_GRACE,
        application=import_string(settings.ASGI_APPLICATION),
        endpoints=[f"{_address()}:backlog={WAITING}"],
        ping_interval=PING_SECONDS,
        ping_timeout=30,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        server_name="parley",
        ready_callable=lambda: _in_background(_live()),
        signal_handlers=False,
    )
    server.run()
    if not server.listening_addresses:
        raise CommandError(f"Port {settings.PORT} is taken. Set PORT to another one.")


async def _live() -> None:
    """From the first moment on, whoever connects: end what a crash left behind; and go in good order."""
    await runtime()
    await until_terminated()
    await shutdown()
    reactor.stop()  # type: ignore[misc]


def _address() -> str:
    return str(build_endpoint_description_strings(host=settings.HOST, port=settings.PORT)[0])


def _in_background(job: Coroutine[Any, Any, None]) -> None:
    _background.append(asyncio.get_event_loop().create_task(job))


def _shown_host() -> str:
    return "127.0.0.1" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # nosec B104 # noqa: S104 - compared only
