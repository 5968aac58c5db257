"""Tags that hand the page what its modules need: the import map, the strings and the icons."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from chat.strings import strings

register = template.Library()

VENDOR: Final = {
    "marked": "vendor/marked/marked.esm.js",
    "@highlightjs/cdn-assets/es/highlight.min.js": "vendor/highlight/highlight.min.js",
    "temml": "vendor/temml/temml.mjs",
}
THEMES: Final = ("system", "light", "dark")
# What would end a script element or open a comment within it, written as JSON escapes.
_ESCAPES: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    """The import map: every own module under `#room/name.js`, and the fetched packages by their names."""
    imports = {name: static(path) for name, path in {**_own_modules(), **VENDOR}.items()}
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        context.get("CSP_NONCE", ""),
        _script_json({"imports": imports}),
    )


@register.simple_tag
def module_preloads() -> SafeString:
    """Links that fetch the whole module graph at once, instead of one level after another."""
    links = [(static(path),) for path in (*_own_modules().values(), VENDOR["marked"])]
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@register.simple_tag
def js_strings() -> dict[str, str]:
    """English → the reader's language, for `{{ … |json_script }}` and `helpers/t.js`."""
    return strings()


@register.simple_tag(takes_context=True)
def theme_name(context: Context) -> str:
    """The reader's colours: the cookie of this browser, else what the account says, else as the system."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme") if request else None
    return str(chosen if chosen in THEMES else context.get("theme") or "system")


@register.simple_tag
def icon(name: str) -> SafeString:
    """An inline drawing from templates/icons/."""
    return mark_safe(get_template(f"icons/{name}.svg").render())  # nosec B308, B703 # noqa: S308 - our own file


def _own_modules() -> dict[str, str]:
    return _scan() if settings.DEBUG else _scanned()


def _scan() -> dict[str, str]:
    root = Path(settings.BASE_DIR) / "static"
    found = sorted(path.relative_to(root).as_posix() for path in root.glob("js/*/*.js"))
    return {f"#{path.removeprefix('js/')}": path for path in found}


@cache
def _scanned() -> dict[str, str]:
    return _scan()


def _script_json(value: Any) -> SafeString:
    return mark_safe(json.dumps(value).translate(_ESCAPES))  # nosec B308, B703 # noqa: S308 - escaped for a script element
