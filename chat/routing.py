"""WebSocket paths."""

from django.urls import path

from chat.consumers import ChatConsumer
from chat.gateway.guide_socket import GuideConsumer

websocket_urlpatterns = [
    path("ws/chat/", ChatConsumer.as_asgi()),
    path("api/streaming/ws/<str:user>", GuideConsumer.as_asgi()),
    path("api/streaming/ws/<str:user>/", GuideConsumer.as_asgi()),
]
