"""Paths below `/api/`."""

from django.urls import path

from chat import event_views, feed_views
from chat.api import command_views, stats, views
from chat.api.agents import AgentsView, AgentView
from chat.api.asyncapi import AsyncAPIView
from chat.api.audit import AuditView
from chat.api.budgets import BudgetsView, BudgetView
from chat.api.carrying import ExportView, ImportView
from chat.api.comments import CommentsView, CommentView
from chat.api.files import FileContentView, FilesView, FileView
from chat.api.keys import KeysView, KeyView
from chat.api.lifetimes import LifetimeView
from chat.api.me import MeView
from chat.api.members import MembersView, MemberView
from chat.api.memory import (
    MemoriesView,
    MemoryView,
    SessionRunsView,
    SettingsView,
    SummariesView,
    SummaryView,
)
from chat.api.prompts import PromptsView, PromptView
from chat.api.registering import RegisterView
from chat.api.search import SearchView
from chat.api.share_links import LinksView, LinkView
from chat.api.state import StateView
from chat.api.stats import StatsView
from chat.api.tools import DecideView, ToolCallsView, ToolsView, ToolView
from chat.api.usage import UsageView
from chat.gateway import ag_ui_views, ai_sdk_views, guide_views, stats_views

urlpatterns = [
    path("ai-sdk/chat", ai_sdk_views.chat),
    path("ai-sdk/chat/<str:name>/stream", ai_sdk_views.resume),
    path("ai-sdk/chat/<str:name>/stop", ai_sdk_views.stop_chat),
    path("ag-ui", ag_ui_views.ag_ui),
    path("streaming/chat", guide_views.chat),
    path("streaming/stats", stats_views.guide_stats),
    path("streaming/compare", guide_views.compare),
    path("sessions/", views.SessionsView.as_view()),
    path("sessions/<uuid:session_id>/", views.SessionView.as_view()),
    path("sessions/<uuid:session_id>/messages/", views.MessagesView.as_view()),
    path("sessions/<uuid:session_id>/members/", MembersView.as_view()),
    path("sessions/<uuid:session_id>/members/<int:user_id>/", MemberView.as_view()),
    path("sessions/<uuid:session_id>/comments/", CommentsView.as_view()),
    path("sessions/<uuid:session_id>/comments/<uuid:comment_id>/", CommentView.as_view()),
    path("sessions/<uuid:session_id>/runs/", SessionRunsView.as_view()),
    path("sessions/<uuid:session_id>/summaries/", SummariesView.as_view()),
    path("sessions/<uuid:session_id>/summaries/<uuid:summary_id>/", SummaryView.as_view()),
    path("sessions/<uuid:session_id>/export/", ExportView.as_view()),
    path("import/", ImportView.as_view()),
    path("sessions/<uuid:session_id>/links/", LinksView.as_view()),
    path("sessions/<uuid:session_id>/links/<uuid:link_id>/", LinkView.as_view()),
    path("sessions/<uuid:session_id>/state/", StateView.as_view()),
    path("sessions/<uuid:key>/events/", event_views.session_events),
    path("sessions/<uuid:key>/feed/", feed_views.session_feed),
    path("asyncapi/", AsyncAPIView.as_view()),
    path("commands/", command_views.CommandsView.as_view()),
    path("runs/<uuid:run_id>/", views.RunView.as_view()),
    path("runs/<uuid:run_id>/message/", views.RunMessageView.as_view()),
    path("runs/<uuid:run_id>/cancel/", views.RunCancelView.as_view()),
    path("runs/<uuid:run_id>/tool-calls/", ToolCallsView.as_view()),
    path("runs/<uuid:run_id>/tool-calls/<path:tool_call_id>/decide/", DecideView.as_view()),
    path("runs/<uuid:key>/events/", event_views.run_events),
    path("files/", FilesView.as_view()),
    path("files/<uuid:file_id>/", FileView.as_view()),
    path("files/<uuid:file_id>/content/", FileContentView.as_view()),
    path("me/", MeView.as_view()),
    path("settings/lifetimes/", LifetimeView.as_view()),
    path("register/", RegisterView.as_view()),
    path("search/", SearchView.as_view()),
    path("audit/", AuditView.as_view()),
    path("budgets/", BudgetsView.as_view()),
    path("budgets/<int:budget_id>/", BudgetView.as_view()),
    path("keys/", KeysView.as_view()),
    path("keys/<uuid:key_id>/", KeyView.as_view()),
    path("usage/", UsageView.as_view()),
    path("stats/", StatsView.as_view()),
    path("stats/live/", stats.live, name="live-stats"),
    path("memory/", MemoriesView.as_view()),
    path("memory/<uuid:memory_id>/", MemoryView.as_view()),
    path("prompts/", PromptsView.as_view()),
    path("prompts/<uuid:prompt_id>/", PromptView.as_view()),
    path("settings/", SettingsView.as_view()),
    path("models/", views.ModelsView.as_view()),
    path("agents/", AgentsView.as_view()),
    path("agents/<str:name>/", AgentView.as_view()),
    path("tools/", ToolsView.as_view()),
    path("tools/<str:name>/", ToolView.as_view()),
    path("ws-ticket/", views.TicketView.as_view()),
]
