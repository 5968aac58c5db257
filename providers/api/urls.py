"""Paths below `/api/` of the providers room."""

from django.urls import path

from providers.api import streaming, views

urlpatterns = [
    path("providers/", views.ProvidersView.as_view()),
    path("providers/<slug:provider_id>/", views.OneProviderView.as_view()),
    path("providers/<slug:provider_id>/check/", views.CheckView.as_view()),
    path("providers/<slug:provider_id>/health/", views.HealthView.as_view()),
    path("providers/<slug:provider_id>/models/", views.ProviderModelsView.as_view()),
    path("providers/<slug:provider_id>/models/<path:name>/", views.ProviderModelView.as_view()),
    path("routes/", views.RoutesView.as_view()),
    path("routes/<str:name>/", views.RouteView.as_view()),
    path("streaming/providers", streaming.StreamingProvidersView.as_view()),
    path("streaming/providers/register", streaming.RegisterView.as_view()),
]
