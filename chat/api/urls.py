"""Paths below `/api/`."""

from django.urls import path

from chat import event_views, feed_views
from chat.api import command_views, views
from chat.api.asyncapi import AsyncAPIView
from chat.api.files import FileContentView, FilesView, FileView
from chat.api.stats import StatsView
from chat.api.tools import DecideView, ToolCallsView, ToolsView

urlpatterns = [
    path("sessions/", views.SessionsView.as_view()),
    path("sessions/<uuid:session_id>/", views.SessionView.as_view()),
    path("sessions/<uuid:session_id>/messages/", views.MessagesView.as_view()),
    path("sessions/<uuid:key>/events/", event_views.session_events),
    path("sessions/<uuid:key>/feed/", feed_views.session_feed),
    path("asyncapi/", AsyncAPIView.as_view()),
    path("commands/", command_views.CommandsView.as_view()),
    path("runs/<uuid:run_id>/", views.RunView.as_view()),
    path("runs/<uuid:run_id>/cancel/", views.RunCancelView.as_view()),
    path("runs/<uuid:run_id>/tool-calls/", ToolCallsView.as_view()),
    path("runs/<uuid:run_id>/tool-calls/<path:tool_call_id>/decide/", DecideView.as_view()),
    path("runs/<uuid:key>/events/", event_views.run_events),
    path("files/", FilesView.as_view()),
    path("files/<uuid:file_id>/", FileView.as_view()),
    path("files/<uuid:file_id>/content/", FileContentView.as_view()),
    path("stats/", StatsView.as_view()),
    path("models/", views.ModelsView.as_view()),
    path("tools/", ToolsView.as_view()),
    path("ws-ticket/", views.TicketView.as_view()),
]
