"""Settings of a Parley server: everything that differs between servers comes from the environment.

docs/configuration.md lists the variables.
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
from django.utils.translation import gettext_lazy as _
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from project.accounts import *  # noqa: F403
from project.databases import databases
from project.env import data_folder, encryption_keys, env, secret_key, unusable
from project.security import *  # noqa: F403

django_stubs_ext.monkeypatch()  # lets `ModelAdmin[Provider]` and the like run as they are written

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_folder()

DEBUG = env.bool("PARLEY_DEBUG", default=False)
SECRET_KEY = secret_key(DATA_DIR)
ENCRYPTION_KEYS = encryption_keys(DATA_DIR)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
ALLOWED_HOSTS = env.list("PARLEY_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise unusable("REDIS_URL", "it is redis://host:6379/0, rediss://… or unix://…")

INSTALLED_APPS = [
    "daphne",
    "chat.accounts.apps.Administration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "providers",
    "chat",
]

MIDDLEWARE = [
    "chat.middleware.RequestLog",
    "chat.middleware_on_loop.Security",
    "chat.static_files.StaticFiles",
    "chat.middleware_on_loop.ContentPolicy",
    "chat.middleware_on_loop.Sessions",
    "chat.middleware_on_loop.Locale",
    "chat.middleware_on_loop.Common",
    "chat.middleware_on_loop.Csrf",
    "chat.middleware_on_loop.Authentication",
    "chat.middleware_on_loop.Messages",
    "allauth.account.middleware.AccountMiddleware",
    "chat.middleware_on_loop.XFrameOptions",
    "chat.audit.caller.AuditCaller",
    "chat.middleware.BudgetHeaders",
    "chat.middleware.ErrorPages",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# --- where things are kept --------------------------------------------------------------

DATABASES = databases(DATA_DIR)
# The client's own way is to wait longer and longer: up to a minute in which nobody hears that Redis is back.
# The layer asks each second by itself. Between two messages a subscription may be silent for long.
LAYER_PATIENCE = {"socket_timeout": None, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 1)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, **LAYER_PATIENCE}]},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CACHES["responses"] = {**CACHES["default"], "KEY_PREFIX": "responses"}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "responses": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "chat_cachedresponse",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        },
    }

# --- people -----------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "chat.middleware.csrf_failed"
CSRF_TRUSTED_ORIGINS = env.list("PARLEY_ORIGINS", default=[])

# The first account and a key without asking, for automation.
ADMIN_USER = env.str("PARLEY_ADMIN_USER", default="")
ADMIN_PASSWORD = env.str("PARLEY_ADMIN_PASSWORD", default="")
API_KEY = env.str("PARLEY_API_KEY", default="")

# --- language ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files: fetched packages come in under one narrow prefix each ----------------

NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/marked", NODE_MODULES / "marked" / "lib"),
    ("vendor/highlight", NODE_MODULES / "@highlightjs" / "cdn-assets" / "es"),
    ("vendor/temml", NODE_MODULES / "temml" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "chat.static_files.CompressedOnce"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- what is taken in ---------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a body; uploads have a door of their own

# --- files ------------------------------------------------------------------------------

UPLOADS_DIR = DATA_DIR / "uploads"
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", default=50 * 1024**2)  # of one file
FILE_USER_BYTES = env.int("FILE_USER_BYTES", default=2 * 1024**3)  # of all files of one person
FILE_TOTAL_BYTES = env.int("FILE_TOTAL_BYTES", default=50 * 1024**3)  # of all files
FILE_ORPHAN_HOURS = env.float("FILE_ORPHAN_HOURS", default=24.0)  # without a session, then it is deleted

# --- the API ----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["chat.api.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["chat.api.permissions.InScope"],
    "DEFAULT_PARSER_CLASSES": ["chat.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["chat.api.parsing.FastJSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "chat.api.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "chat.api.errors.render_error",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Parley",
    "DESCRIPTION": "Self-hosted, real-time chat for many AI providers.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chat.api.doors.document_doors",
    ],
    "ENUM_NAME_OVERRIDES": {"ToolWish": ["always", "ask"], "ToolPolicy": ["always", "ask", "never"]},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- runs -------------------------------------------------------------------------------

RUN_LEASE_SECONDS = env.float(
    "RUN_LEASE_SECONDS", default=10.0
)  # a run without a beat for so long is orphaned
RUN_IN_WEB = env.bool("RUN_IN_WEB", default=not REDIS_URL)  # else `manage.py worker` executes the runs
RUN_CONCURRENCY = env.int("RUN_CONCURRENCY", default=200)  # runs that one process executes at once
RUN_MAX_ATTEMPTS = env.int("RUN_MAX_ATTEMPTS", default=2)
RUN_TAKEOVER = env.choice("RUN_TAKEOVER", "restart", "continue", "interrupt")
DRAIN_SECONDS = env.float("DRAIN_SECONDS", default=30.0)  # that running runs get at SIGTERM
EVENT_RETENTION_HOURS = env.float("EVENT_RETENTION_HOURS", default=24.0)  # of runs that ended
CLEANUP_SECONDS = env.float("CLEANUP_SECONDS", default=3600.0)  # how often that is done by itself
RUN_SWEEP_SECONDS = env.float("RUN_SWEEP_SECONDS", default=2.0)  # how often orphans are looked for

# --- providers --------------------------------------------------------------------------

PROVIDER_QUEUE_SECONDS = env.float("PROVIDER_QUEUE_SECONDS", default=30.0)  # for a free place, then the next
PROVIDER_RETRY_AFTER_SECONDS = env.float(
    "PROVIDER_RETRY_AFTER_SECONDS", default=10.0
)  # the longest wait that a provider may ask for
PROVIDER_FAILURES = env.int("PROVIDER_FAILURES", default=5)  # in a row, until a model is left alone
PROVIDER_PAUSE_SECONDS = env.float("PROVIDER_PAUSE_SECONDS", default=30.0)  # for so long
PROVIDER_CHECK_SECONDS = env.float("PROVIDER_CHECK_SECONDS", default=300.0)  # between two tests; 0 for none

# --- memory ------------------------------------------------------------------------------

# provider/model or a route that writes titles, summaries and memories, where the admin names none
BACKGROUND_MODEL = env.str("BACKGROUND_MODEL", default="")

# --- tools ------------------------------------------------------------------------------

# Agents of the package `agno` in this process: name=package.module:attribute,… Their modules are imported.
AGNO_AGENTS: dict[str, str] = env.dict("PARLEY_AGNO_AGENTS", default={})
MCP_URL = env.str("MCP_URL", default="")  # an MCP server that is there by itself
MCP_POLICY = env.choice("MCP_POLICY", "always", "ask", "never")  # of its tools
MCP_COMMANDS: dict[str, Any] = env.json(
    "PARLEY_MCP_COMMANDS", default={}
)  # {"name": "command and arguments"}, for stdio
TOOL_MAX_STEPS = env.int("TOOL_MAX_STEPS", default=10)  # requests to a model in one answer
TOOL_APPROVAL_HOURS = env.float("TOOL_APPROVAL_HOURS", default=24.0)  # until a call that asks is refused

# --- budgets ----------------------------------------------------------------------------

# Of each person, where no budget says more; 0 is no limit.
USER_RUNS_PER_MINUTE = env.int("USER_RUNS_PER_MINUTE", default=0)
USER_RUNS_AT_ONCE = env.int("USER_RUNS_AT_ONCE", default=0)
# That an answer is taken for before it is there, where neither the caller nor the model says how long it is.
BUDGET_OUTPUT_TOKENS = env.int("BUDGET_OUTPUT_TOKENS", default=4096)
# --- sessions ---------------------------------------------------------------------------

SESSION_IDLE_DAYS = env.int("SESSION_IDLE_DAYS", default=0)  # without a message; 0: for ever
SESSION_TOTAL_DAYS = env.int("SESSION_TOTAL_DAYS", default=0)  # in all; 0: for ever
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=200 * 1024**2)  # of a file of conversations
SESSION_END = env.choice("SESSION_END", "archive", "delete")  # what becomes of them then


# --- readers ----------------------------------------------------------------------------

SLOW_READER_SECONDS = env.float("SLOW_READER_SECONDS", default=30.0)  # without progress, then it is closed
RIGHTS_SECONDS = env.float("RIGHTS_SECONDS", default=2.0)  # QUALITY.md P13 gives 5 seconds
SOCKETS_PER_USER = env.int("SOCKETS_PER_USER", default=200)

# --- watching over it --------------------------------------------------------------------

from project.operations import *  # noqa: E402, F403
