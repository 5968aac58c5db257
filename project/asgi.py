"""The ASGI application: HTTP to Django, WebSockets to the consumers, lifespan to the runtime."""

import os
from typing import Any

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

from chat.files.arriving import Handler  # noqa: E402 - the apps must be loaded first
from chat.routing import websocket_urlpatterns  # noqa: E402
from chat.runtime import farewell, runtime, shutdown  # noqa: E402
from chat.shutdown import before_termination  # noqa: E402

# A request's thread is made for it: nothing in it is old, and to ask it would be to make it.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)


async def _lifespan(scope: Any, receive: Any, send: Any) -> None:
    """For servers that offer it; Daphne does not, and is started by `manage.py serve` instead."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await runtime()
            before_termination(farewell)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return


application = ProtocolTypeRouter(
    {
        "http": Handler(),
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
        "lifespan": _lifespan,
    }
)
