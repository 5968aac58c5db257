"""Every door's paths."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from chat import share_views, shell, views
from chat.accounts.views import invitation
from chat.doctor import drip
from chat.gateway import agent_views, stats_views, studio_views

urlpatterns = [
    path("", views.home, name="home"),
    path("s/<uuid:session_id>", views.session_page, name="session"),
    path("share/<str:token>", share_views.share, name="share"),
    path("share/<str:token>/files/<uuid:file_id>/", share_views.share_file, name="share-file"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("service-worker.js", shell.service_worker, name="service-worker"),
    path("offline", shell.offline, name="offline"),
    path("compare", views.compare_page, name="compare"),
    path("settings", views.settings_page, name="settings"),
    path("usage", views.usage_page, name="usage"),
    path("login/", account.login, name="login"),
    path("logout/", account.logout, name="logout"),
    path("account/", include("allauth.urls")),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("setup/<str:token>/", views.setup, name="setup"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/", include("chat.api.urls")),
    path("api/", include("providers.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("v1/", include("chat.gateway.urls")),
    path("chat/stream", agent_views.chat_stream),
    path("chat", agent_views.chat),
    path("novachat", studio_views.novachat),
    path("loomichat", studio_views.loomichat),
    path("stats", stats_views.agent_stats),
    path("reset-stats", stats_views.reset_agent_stats),
    path("health", agent_views.health),
    path("healthz", views.healthz),
    path("healthz/stream/<str:token>", drip.drip, name="drip"),
    path("readyz", views.readyz),
    path("metrics", views.metrics),
]

handler400 = "chat.middleware.bad_request"
handler403 = "chat.middleware.forbidden"
handler404 = "chat.middleware.not_found"
handler429 = "chat.middleware.too_many"
handler500 = "chat.middleware.server_error"
