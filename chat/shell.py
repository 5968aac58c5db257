"""What makes the page an app on the reader's device: the manifest, the service worker, and the one page that
is shown when the server cannot be reached. The worker keeps that page and its looks: no data, no other page.
"""

import json
from hashlib import sha256
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache

from chat.methods import reads

ICON: Final = "img/icon.svg"
MASKABLE: Final = "img/icon-maskable.svg"
STYLES: Final = ("css/tokens.css", "css/base.css", "css/pages.css")
ACCENT: Final = "#0f6e63"  # `--accent` of tokens.css
PAPER: Final = "#ffffff"  # `--bg`


@reads
@never_cache
def manifest(request: HttpRequest) -> JsonResponse:
    """https://www.w3.org/TR/appmanifest/"""
    said = {
        "id": "/",
        "name": "Parley",
        "short_name": "Parley",
        "description": gettext("Chat with many models, on your own server."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": PAPER,
        "icons": [_icon(ICON, "any"), _icon(MASKABLE, "maskable")],
        "shortcuts": [{"name": gettext("New chat"), "url": "/"}],
    }
    return JsonResponse(said, content_type="application/manifest+json")


def _icon(path: str, purpose: str) -> dict[str, str]:
    return {"src": static(path), "sizes": "any", "type": "image/svg+xml", "purpose": purpose}


@reads
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """Other bytes whenever what it keeps is another, which is how a browser learns of an update."""
    kept = ["/offline", *map(static, (*STYLES, ICON))]
    version = sha256("".join([*kept, _offline_page(request)]).encode())
    said = {"kept": json.dumps(kept), "version": version.hexdigest()[:12]}
    return render(request, "shell/service_worker.js", said, content_type="text/javascript")


@reads
@never_cache
def offline(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_offline_page(request))


def _offline_page(request: HttpRequest) -> str:
    return render_to_string("shell/offline.html", {"styles": STYLES}, request)
