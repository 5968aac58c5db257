"""WebSocket paths."""

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from chat.consumers import ChatConsumer
from chat.gateway.guide_socket import GuideConsumer


class Nowhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A path that is none: refused before it is accepted, which is a 403."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close()


websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("api/streaming/ws/<str:user>", GuideConsumer.as_asgi()),
    path("api/streaming/ws/<str:user>/", GuideConsumer.as_asgi()),
    re_path("", Nowhere.as_asgi()),
]
