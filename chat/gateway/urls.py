"""Paths below `/v1/`, as the official SDKs call them."""

from django.urls import path

from chat.gateway import chat_views, message_views, model_views, response_views

urlpatterns = [
    path("chat/completions", chat_views.chat_completions),
    path("responses", response_views.responses),
    path("responses/<str:name>", response_views.response),
    path("responses/<str:name>/cancel", response_views.cancel),
    path("messages", message_views.messages),
    path("messages/count_tokens", message_views.count_tokens),
    path("models", model_views.models),
    path("models/<path:name>", model_views.model),
    path("<path:name>", model_views.nowhere),
]
