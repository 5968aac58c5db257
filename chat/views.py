"""Pages: thin, rendered on the server. What moves on them comes over the socket."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chat.access import session_for
from chat.accounts.second_steps import lacks_second_step
from chat.accounts.views import account_of
from chat.actions.memories import settings_of
from chat.authentication import require_scope, signed_in
from chat.errors import Forbidden, NotFound
from chat.first_steps import first_steps
from chat.memory.options import memory_settings
from chat.methods import reads
from chat.middleware import wants_page
from chat.models import SessionEnd, UserSettings
from chat.readiness import readiness
from chat.rights import permitted_tools
from chat.setup import OwnerForm, setup_is_open
from chat.tools.wishes import about, choices_of

VERSION = "0.1.0"


@reads
def home(request: HttpRequest) -> HttpResponse:
    """The chat for a browser; the service's status for a program."""
    if not wants_page(request):
        return JsonResponse({"service": "parley", "version": VERSION, "status": "ok"})
    return _app(request)


@reads
@login_required
def session_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    return _app(request, str(session_for(request.user, session_id).id))


@reads
@login_required
def compare_page(request: HttpRequest) -> HttpResponse:
    """A new chat that begins with several models side by side."""
    return _app(request)


@login_required
@ensure_csrf_cookie
def _app(request: HttpRequest, session_id: str = "") -> HttpResponse:
    if lacks_second_step(request.user):
        return redirect("mfa_index")
    chosen = UserSettings.objects.filter(Q(user_id=request.user.pk)).first()
    context: dict[str, Any] = {
        "session_id": session_id,
        "me": str(request.user.pk),
        "file_limit": settings.FILE_MAX_BYTES,
        "theme": chosen.theme if chosen else UserSettings.Theme.SYSTEM,
        "steps": first_steps(request.user),
    }
    return render(request, "chat/app.html", context)


@reads
@login_required
def usage_page(request: HttpRequest) -> HttpResponse:
    """What was used, as /api/usage/ tells it: a person's own, or the server's to operators."""
    user: Any = request.user
    whole = user.is_staff and user.has_perm("chat.view_usagerecord")
    return render(request, "chat/usage.html", {"whole": whole, "theme": settings_of(user).theme})


@reads
@login_required
@ensure_csrf_cookie
def settings_page(request: HttpRequest) -> HttpResponse:
    """What a person sets for themselves, section by section."""
    chosen = settings_of(request.user)
    said = memory_settings()
    context = {"chosen": chosen, "theme": chosen.theme, "proposes": bool(said.model and said.memory)}
    context["tools"] = [
        {"name": tool.name, "about": about(tool), "choices": choices_of(tool, chosen.tools or {})}
        for tool in permitted_tools(request.user.pk)
    ]
    context["session_ends"] = SessionEnd.choices
    context["server_days"] = {"idle": settings.SESSION_IDLE_DAYS, "total": settings.SESSION_TOTAL_DAYS}
    context["account"] = account_of(request)
    return render(request, "chat/settings.html", {**context, "remembers": said.memory})


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: makes the owner's account while there is none."""
    if not setup_is_open(token):
        raise NotFound("This link was used already, or is too old. Start the server again for a new one.")
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.save_owner(), backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("home")
    return render(request, "chat/setup.html", {"form": form})


@reads
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: the process answers."""
    return JsonResponse({"status": "ok"})


@reads
def metrics(request: HttpRequest) -> HttpResponse:
    """What this process counts, for Prometheus: with an administrator's key or cookie."""
    person = signed_in(request)
    require_scope(person, "read")
    if not person.is_staff:
        raise Forbidden
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@reads
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: the database answers, and the process is not about to go."""
    return JsonResponse(readiness())
