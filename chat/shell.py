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
# Sizes and purposes that browsers and launchers ask for; the PNGs are drawn from the SVGs.
ICONS: Final = (
    (ICON, "any", "any"),
    ("img/icon-maskable.svg", "any", "maskable"),
    ("img/icon-192.png", "192x192", "any"),
    ("img/icon-512.png", "512x512", "any"),
    ("img/icon-maskable-512.png", "512x512", "maskable"),
)
TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
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
        "icons": [_icon(*one) for one in ICONS],
        "shortcuts": [{"name": gettext("New chat"), "url": "/"}],
    }
    return JsonResponse(said, content_type="application/manifest+json")


def _icon(path: str, sizes: str, purpose: str) -> dict[str, str]:
    kind = TYPES[path.rpartition(".")[2]]
    return {"src": static(path), "sizes": sizes, "type": kind, "purpose": purpose}


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
